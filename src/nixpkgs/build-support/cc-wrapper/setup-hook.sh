# Headers and libraries of all inputs are found; the tools have their usual variables.
ccWrapperAddFlags() {
  local dir
  for dir in "$1/include" "$1/include/@triplet@"; do
    if [ -d "$dir" ]; then export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE:-} -isystem $dir"; fi
  done
  for dir in "$1/lib" "$1/lib/@triplet@" "$1/lib64"; do
    if [ -d "$dir" ]; then export NIX_LDFLAGS="${NIX_LDFLAGS:-} -L$dir"; fi
  done
}
addEnvHooks "${hostOffset:-0}" ccWrapperAddFlags

export CC=${CC:-gcc} CXX=${CXX:-g++} CPP=${CPP:-cpp} LD=${LD:-ld} AR=${AR:-ar} AS=${AS:-as} NM=${NM:-nm}
export RANLIB=${RANLIB:-ranlib} STRIP=${STRIP:-strip} OBJCOPY=${OBJCOPY:-objcopy} OBJDUMP=${OBJDUMP:-objdump} READELF=${READELF:-readelf}
export NIX_CC=${NIX_CC:-@cc@} NIX_BINTOOLS=${NIX_BINTOOLS:-@binutils@}

#!@bash@/bin/bash
# Generated: @program@ with the C library of the store.
self=${BASH_SOURCE[0]%/*}
link=1 standardIncludes=1 standardIncludesCxx=1 startFiles=1
for argument in "$@"; do
  case "$argument" in
    -c | -S | -E | -M | -MM | -fsyntax-only | --version | -dumpversion | -dumpmachine | -print-*) link= ;;
    -nostdinc) standardIncludes= standardIncludesCxx= ;;
    -nostdinc++) standardIncludesCxx= ;;
    -nostdlib | -nostartfiles | -r) startFiles= ;;
  esac
done
[ "@program@" = "@triplet@-cpp-@version@" ] && link=
# Without input files ("gcc -v") there is nothing to link.
[ $# -gt 0 ] || link=

before=("-B$self/" "-B@libcDev@/lib/@triplet@/") after=()
if [ -n "$standardIncludes" ]; then
  after+=(-idirafter "@libcDev@/include" -idirafter "@libcDev@/include/@triplet@")
fi
if [ -n "@cxx@" ] && [ -n "$standardIncludesCxx" ]; then
  after+=(-isystem "@cc@/include/c++/@version@" -isystem "@cc@/include/@triplet@/c++/@version@" -isystem "@cc@/include/c++/@version@/backward")
fi
# shellcheck disable=SC2206
after+=(${NIX_CFLAGS_COMPILE:-} ${NIX_CFLAGS_COMPILE_AFTER:-})
if [ -n "$link" ]; then
  # shellcheck disable=SC2206
  after+=(${NIX_CFLAGS_LINK:-})
  after+=("-L$self/../lib" "-L@libcDev@/lib/@triplet@" "-L@libc@/lib/@triplet@")
fi
exec "@cc@/bin/@program@" "${before[@]}" "$@" "${after[@]}"

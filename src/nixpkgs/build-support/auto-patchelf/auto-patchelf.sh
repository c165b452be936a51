autoPatchelfLibs=()

_gatherLibraries() {
  local dir
  for dir in "$1/lib" "$1/lib/@triplet@"; do
    if [ -d "$dir" ]; then autoPatchelfLibs+=("$dir"); fi
  done
}
addEnvHooks "${hostOffset:-0}" _gatherLibraries

addAutoPatchelfSearchPath() { autoPatchelfLibs+=("$@"); }

autoPatchelf() {
  local file dir needed path missing=
  while IFS= read -r -d $'\0' file; do
    isELF "$file" || continue
    needed=$(patchelf --print-needed "$file" 2>/dev/null) || continue
    path=
    local library
    for library in $needed; do
      for dir in "$(dirname "$file")" "$prefix/lib" "${autoPatchelfLibs[@]}" "@libc@/lib/@triplet@"; do
        if [ -e "$dir/$library" ]; then
          case ":$path:" in *":$dir:"*) ;; *) path="${path:+$path:}$dir" ;; esac
          continue 2
        fi
      done
      echo "auto-patchelf: $file needs $library, which no input has" >&2
      [[ " ${autoPatchelfIgnoreMissingDeps[*]:-} " == *" $library "* || "${autoPatchelfIgnoreMissingDeps[*]:-}" == 1 || "${autoPatchelfIgnoreMissingDeps[*]:-}" == "*" ]] || missing=1
    done
    if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
      patchelf --set-interpreter "@libc@/lib/@triplet@/@loader@" "$file"
    fi
    if [ -n "$path" ]; then patchelf --set-rpath "$path" "$file"; fi
  done < <(find "$@" -type f \( -perm -0100 -o -name '*.so*' \) -print0)
  if [ -n "$missing" ]; then
    echo "auto-patchelf could not satisfy dependencies; add the packages to buildInputs or set autoPatchelfIgnoreMissingDeps" >&2
    return 1
  fi
}

_autoPatchelfOutputs() {
  [ -n "${dontAutoPatchelf:-}" ] && return 0
  local output prefix
  for output in $(getAllOutputNames); do
    prefix=${!output}
    if [ -e "$prefix" ]; then autoPatchelf "$prefix"; fi
  done
}
postFixupHooks+=(_autoPatchelfOutputs)

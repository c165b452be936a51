#!@bash@/bin/bash
# Generated: ld that uses the loader of the store and writes a run path for each library that it finds in the store.
directories=() libraries=() runPaths=() shared= relocatable= static= loader=
# shellcheck disable=SC2206
arguments=("$@" ${NIX_LDFLAGS:-})
count=${#arguments[@]}
for ((i = 0; i < count; i++)); do
  argument=${arguments[i]}
  case "$argument" in
    -L) directories+=("${arguments[++i]}") ;;
    -L*) directories+=("${argument#-L}") ;;
    -l) libraries+=("lib${arguments[++i]}.so") ;;
    -l:*) libraries+=("${argument#-l:}") ;;
    -l*) libraries+=("lib${argument#-l}.so") ;;
    /nix/store/*.so | /nix/store/*.so.*) runPaths+=("${argument%/*}") ;;
    -shared | -Bshareable) shared=1 ;;
    -r | --relocatable | -i) relocatable=1 ;;
    -static) static=1 ;;
    -dynamic-linker | --dynamic-linker | -I) ((i++)) ; loader=1 ;;
    -plugin | -o | -rpath | -m | -soname | -h | -z | -T | -u) ((i++)) ;;
  esac
done
extra=()
if [ -z "$relocatable" ] && [ -z "$static" ]; then
  for library in "${libraries[@]}"; do
    for directory in "${directories[@]}"; do
      if [ -e "$directory/$library" ]; then
        # A development package has a link to the library of another package.
        real=$(@coreutils@/bin/readlink -f "$directory/$library")
        [[ $real == /nix/store/* ]] && runPaths+=("${real%/*}")
        break
      fi
    done
  done
  runPaths+=("@libc@/lib/@triplet@")
  seen=:
  for directory in "${runPaths[@]}"; do
    # Development packages hold links to the libraries, the wrapper holds linker scripts.
    case "$directory" in "@libcDev@"/* | *-gcc-wrapper-*) continue ;; esac
    [[ $seen == *":$directory:"* ]] && continue
    seen+="$directory:"
    extra+=(-rpath "$directory")
  done
  [ -n "$shared" ] || [ -z "$loader" ] || extra+=(-dynamic-linker "@libc@/lib/@triplet@/@loader@")
fi
exec "@binutils@/bin/ld" "${arguments[@]}" "${extra[@]}"

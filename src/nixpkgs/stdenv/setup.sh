# The environment of every build that goes through stdenv: finds the inputs, runs the phases, offers the functions that
# build scripts use. Sourced by default-builder.sh and by nix-shell; all that has an effect at once stands at the end.
#
# Names of functions and variables are nixpkgs' own, because expressions, hooks and users' scripts call them.

# -- hooks -----------------------------------------------------------------------------------------------------------

# Runs all hooks of a name: the function or variable NAME, then the array NAMEs (preBuildHooks).
runHook() {
  local hookName=$1 hook
  shift
  local -n hookArray="${hookName%Hook}Hooks"
  for hook in "_callImplicitHook 0 $hookName" ${hookArray+"${hookArray[@]}"}; do
    _eval "$hook" "$@"
  done
  return 0
}

# Runs hooks of a name until one succeeds.
runOneHook() {
  local hookName=$1 hook ret=1
  shift
  local -n hookArray="${hookName%Hook}Hooks"
  for hook in "_callImplicitHook 1 $hookName" ${hookArray+"${hookArray[@]}"}; do
    if _eval "$hook" "$@"; then
      ret=0
      break
    fi
  done
  return "$ret"
}

_callImplicitHook() {
  local default=$1 hookName=$2
  if declare -F "$hookName" >/dev/null; then
    "$hookName"
  elif type -p "$hookName" >/dev/null; then
    source "$hookName"
  elif [ -n "${!hookName:-}" ]; then
    eval "${!hookName}"
  else
    return "$default"
  fi
}

# A function is called with the arguments, anything else is evaluated as a script.
_eval() {
  if declare -F "$1" >/dev/null; then "$@"; else eval "$1"; fi
}

# Functions that see every input once all are found: called with its store path.
addEnvHooks() {
  shift
  envHooks+=("$@")
}

# -- lists and arrays ------------------------------------------------------------------------------------------------

# Attributes are strings of words, or arrays with __structuredAttrs; these work on both.
prependToVar() {
  local -n nameref=$1
  local type
  type=$(declare -p "$1" 2>/dev/null) || true
  shift
  if [[ $type == "declare -a"* ]]; then nameref=("$@" ${nameref+"${nameref[@]}"}); else nameref="$* ${nameref-}"; fi
}

appendToVar() {
  local -n nameref=$1
  local type
  type=$(declare -p "$1" 2>/dev/null) || true
  shift
  if [[ $type == "declare -a"* ]]; then nameref=(${nameref+"${nameref[@]}"} "$@"); else nameref="${nameref-} $*"; fi
}

# Appends the words of variables to an array: concatTo flags configureFlags configureFlagsArray=default
concatTo() {
  local -n target=$1
  local arg name default type
  shift
  for arg in "$@"; do
    name=${arg%%=*}
    default=
    [[ $arg == *=* ]] && default=${arg#*=}
    type=$(declare -p "$name" 2>/dev/null) || type=
    if [[ $type == "declare -a"* ]]; then
      local -n array=$name
      target+=(${array+"${array[@]}"})
    elif [ -n "${!name:-$default}" ]; then
      local words
      read -r -a words -d '' <<<"${!name:-$default}" || true
      target+=("${words[@]}")
    fi
  done
}

_accumFlagsArray() { concatTo flagsArray "$@"; }

concatStringsSep() {
  local separator=$1 name=$2 type
  type=$(declare -p "$name" 2>/dev/null) || true
  if [[ $type == "declare -a"* ]]; then
    local -n array=$name
    local IFS=$'\036'
    local joined="${array[*]}"
    printf '%s' "${joined//$'\036'/$separator}"
  else
    printf '%s' "${!name// /$separator}"
  fi
}

# Adds a directory to a search path, if it is there and not yet in it.
addToSearchPathWithCustomDelimiter() {
  local delimiter=$1 name=$2 dir=$3
  if [ -d "$dir" ] && [[ "$delimiter${!name:-}$delimiter" != *"$delimiter$dir$delimiter"* ]]; then
    export "$name=${!name:+${!name}$delimiter}$dir"
  fi
}

addToSearchPath() {
  addToSearchPathWithCustomDelimiter ":" "$@"
}

# -- messages --------------------------------------------------------------------------------------------------------

echoCmd() {
  printf '%s:' "$1"
  shift
  printf ' %q' "$@"
  echo
}

nixErrorLog() { echo "ERROR: $*" >&2; }
nixWarnLog() { echo "WARNING: $*" >&2; }
nixNoticeLog() { echo "$*"; }
nixInfoLog() { :; }
nixTalkativeLog() { :; }
nixChattyLog() { :; }
nixDebugLog() { :; }

showPhaseHeader() {
  local phase=$1
  case "$phase" in
    unpackPhase) echo "unpacking sources" ;;
    patchPhase) echo "patching sources" ;;
    configurePhase) echo "configuring" ;;
    buildPhase) echo "building" ;;
    checkPhase) echo "running tests" ;;
    installPhase) echo "installing" ;;
    fixupPhase) echo "post-installation fixup" ;;
    installCheckPhase) echo "running install tests" ;;
    distPhase) echo "creating distribution" ;;
    *) echo "Running phase: $phase" ;;
  esac
}

showPhaseFooter() { :; }

# -- inputs ----------------------------------------------------------------------------------------------------------

# Takes an input and what it propagates into account: its setup hook is sourced once.
findInput() {
  local pkg=$1 file dependency
  [ -n "${_inputSeen[$pkg]:-}" ] && return 0
  _inputSeen[$pkg]=1
  if ! [ -e "$pkg" ]; then
    echo "build input $pkg does not exist" >&2
    exit 1
  fi
  pkgsHostTarget+=("$pkg")
  if [ -f "$pkg" ]; then
    # A hook of its own: `nativeBuildInputs = [ ./hook.sh ]`.
    source "$pkg"
    return 0
  fi
  for file in propagated-build-inputs propagated-native-build-inputs; do
    if [ -f "$pkg/nix-support/$file" ]; then
      local dependencies
      read -r -d '' -a dependencies <"$pkg/nix-support/$file" || true
      for dependency in ${dependencies+"${dependencies[@]}"}; do
        findInput "$dependency"
      done
    fi
  done
}

activateInput() {
  local pkg=$1
  [ -d "$pkg" ] || return 0
  addToSearchPath _PATH "$pkg/bin"
  [ -d "$pkg/share" ] && addToSearchPath XDG_DATA_DIRS "$pkg/share"
  if [ -f "$pkg/nix-support/setup-hook" ]; then
    local hostOffset=0 targetOffset=1
    source "$pkg/nix-support/setup-hook"
  fi
}

_findInputs() {
  local name input inputs
  for name in depsBuildBuild depsBuildBuildPropagated nativeBuildInputs propagatedNativeBuildInputs depsBuildTarget \
    depsBuildTargetPropagated depsHostHost depsHostHostPropagated buildInputs propagatedBuildInputs depsTargetTarget \
    depsTargetTargetPropagated; do
    inputs=()
    concatTo inputs "$name"
    for input in ${inputs+"${inputs[@]}"}; do
      findInput "$input"
    done
  done
  for input in ${pkgsHostTarget+"${pkgsHostTarget[@]}"}; do activateInput "$input"; done
  local hook
  for input in ${pkgsHostTarget+"${pkgsHostTarget[@]}"}; do
    for hook in ${envHooks+"${envHooks[@]}"}; do "$hook" "$input"; done
  done
}

# -- substitution in files -------------------------------------------------------------------------------------------

# substituteStream VARIABLE DESCRIPTION [--replace-fail A B] [--replace-warn A B] [--replace-quiet A B] [--replace A B]
#   [--subst-var NAME] [--subst-var-by NAME VALUE] [--subst-all]
substituteStream() {
  local var=$1 description=$2
  shift 2
  local pattern replacement name
  while (($#)); do
    case "$1" in
      --replace | --replace-fail | --replace-warn | --replace-quiet)
        pattern=$2
        replacement=$3
        if [[ ${!var} != *"$pattern"* ]]; then
          case "$1" in
            --replace-fail)
              nixErrorLog "substituteStream(): ${description}: pattern ${pattern@Q} doesn't match anything"
              return 1
              ;;
            --replace-quiet) ;;
            *) nixWarnLog "substituteStream(): ${description}: pattern ${pattern@Q} doesn't match anything" ;;
          esac
        fi
        shift 3
        ;;
      --subst-var)
        name=$2
        if ! [[ $name =~ ^[a-zA-Z_][a-zA-Z0-9_]*$ ]]; then
          nixErrorLog "substituteStream(): ${description}: substitution variables must be valid Bash names, \"$name\" isn't"
          return 1
        fi
        if [ -z "${!name+set}" ]; then
          nixErrorLog "substituteStream(): ${description}: variable \$$name is unset"
          return 1
        fi
        pattern="@$name@"
        replacement=${!name}
        shift 2
        ;;
      --subst-var-by)
        pattern="@$2@"
        replacement=$3
        shift 3
        ;;
      *)
        nixErrorLog "substituteStream(): ${description}: Invalid command line argument: $1"
        return 1
        ;;
    esac
    printf -v "$var" '%s' "${!var//"$pattern"/"$replacement"}"
  done
}

consumeEntire() {
  # Command substitution drops final newlines; a last character protects them.
  if ! IFS='' read -r -d '' "$1"; then return 0; fi
  nixErrorLog "consumeEntire(): the input holds a zero byte"
  return 1
}

substitute() {
  local input=$1 output=$2
  shift 2
  if [ ! -f "$input" ]; then
    nixErrorLog "substitute(): file '$input' does not exist"
    return 1
  fi
  local content
  consumeEntire content <"$input" || return 1
  substituteStream content "file '$input'" "$@" || return 1
  printf '%s' "$content" >"$output"
}

substituteInPlace() {
  local files=() file
  while (($#)) && [[ $1 != --* ]]; do
    files+=("$1")
    shift
  done
  if ! ((${#files[@]})); then
    nixErrorLog "substituteInPlace(): no files given"
    return 1
  fi
  for file in "${files[@]}"; do substitute "$file" "$file" "$@" || return 1; done
}

_allFlags() {
  # Environment variables that may stand between @...@: those that start with a lower-case letter.
  local name
  for name in $(compgen -e); do
    [[ $name =~ ^[a-z][a-zA-Z0-9_]*$ ]] && flags+=(--subst-var "$name")
  done
  return 0
}

substituteAllStream() {
  local flags=()
  _allFlags
  substituteStream "$1" "$2" "${flags[@]}"
}

substituteAll() {
  local flags=()
  _allFlags
  substitute "$1" "$2" "${flags[@]}"
}

substituteAllInPlace() {
  local file=$1
  shift
  substituteAll "$file" "$file" "$@"
}

# -- scripts' interpreters -------------------------------------------------------------------------------------------

isELF() {
  local magic fd
  exec {fd}<"$1"
  LANG=C read -r -n 4 -u "$fd" magic || true
  exec {fd}<&-
  [ "$magic" = $'\177ELF' ]
}

isMachO() { return 1; }

isScript() {
  local magic fd
  exec {fd}<"$1"
  LANG=C read -r -n 2 -u "$fd" magic || true
  exec {fd}<&-
  [[ $magic == '#!' ]]
}

# patchShebangs [--build | --host] [--update] PATH...: `#!/usr/bin/env python3` becomes the python3 of the inputs.
patchShebangs() {
  local update=
  while [[ ${1:-} == --* ]]; do
    case "$1" in
      --build | --host) ;;
      --update) update=1 ;;
      --)
        shift
        break
        ;;
      *)
        echo "Unknown option $1 supplied to patchShebangs" >&2
        return 1
        ;;
    esac
    shift
  done
  echo "patching script interpreter paths in $*"
  local file line program arguments path newPath timestamp
  local searchPath="${HOST_PATH:+$HOST_PATH:}$PATH"
  while IFS= read -r -d $'\0' file; do
    isScript "$file" || continue
    IFS= read -r line <"$file" || [ -n "$line" ] || continue
    read -r path arguments <<<"${line:2}" || true
    program=${path##*/}
    if [ "$program" = env ] && [ -z "$arguments" ]; then
      echo "$file: unsupported interpreter directive \"$line\"" >&2
      continue
    fi
    [[ $path == "$NIX_STORE"/* && -z $update ]] && continue
    local rest=
    if [ "$program" = env ]; then
      if [[ $arguments == "-S "* ]]; then arguments=${arguments#-S }; fi
      if [[ $arguments == -* || $arguments == *=* ]]; then
        echo "$file: unsupported interpreter directive \"$line\" (set dontPatchShebangs=1 and handle shebang patching yourself)" >&2
        return 1
      fi
      read -r program rest <<<"$arguments" || true
      arguments=
    else
      rest=$arguments
    fi
    newPath=$(PATH=$searchPath type -P "$program" || true)
    [ -n "$newPath" ] || continue
    newPath="#!$newPath${rest:+ $rest}"
    if [ "$newPath" != "$line" ]; then
      echo "$file: interpreter directive changed from \"$line\" to \"$newPath\""
      timestamp=$(stat --printf '%y' "$file")
      local mode
      mode=$(stat --printf '%a' "$file")
      chmod u+w "$file"
      {
        printf '%s\n' "$newPath"
        tail -n +2 "$file"
      } >"$file.shebang"
      cat "$file.shebang" >"$file"
      rm "$file.shebang"
      chmod "$mode" "$file"
      touch --date "$timestamp" "$file"
    fi
  done < <(find "$@" -type f -perm -0100 -print0)
}

# -- phases ----------------------------------------------------------------------------------------------------------

unpackCmdHooks+=(_defaultUnpack)

_defaultUnpack() {
  local fn=$1 destination
  if [ -d "$fn" ]; then
    destination=$(stripHash "$fn")
    if [ -e "$destination" ]; then
      echo "Cannot copy $fn to $destination: destination already exists!" >&2
      return 1
    fi
    # A copy whose directories can be written to.
    cp -r --preserve=timestamps --reflink=auto -- "$fn" "$destination"
    return 0
  fi
  case "$fn" in
    *.tar.xz | *.tar.lzma | *.txz) xz -d <"$fn" | tar xf - --mode=+w --warning=no-timestamp ;;
    *.tar | *.tar.* | *.tgz | *.tbz2 | *.tbz) tar xf "$fn" --mode=+w --warning=no-timestamp ;;
    *.zip | *.whl) unzip -qq "$fn" ;;
    *) return 1 ;;
  esac
}

# Base name without the hash of a store path.
stripHash() {
  local name=${1##*/}
  if [[ $name =~ ^[a-z0-9]{32}- ]]; then printf '%s\n' "${name:33}"; else printf '%s\n' "$name"; fi
}

unpackFile() {
  curSrc=$1
  echo "unpacking source archive $curSrc"
  if ! runOneHook unpackCmd "$curSrc"; then
    echo "do not know how to unpack source archive $curSrc" >&2
    exit 1
  fi
}

unpackPhase() {
  runHook preUnpack
  if [ -z "${srcs[*]:-}" ]; then
    if [ -z "${src:-}" ]; then
      echo 'variable $src or $srcs should point to the source' >&2
      exit 1
    fi
    srcs=$src
  fi
  local srcsArray=() dirsBefore="" dir i
  concatTo srcsArray srcs
  for dir in *; do
    if [ -d "$dir" ]; then dirsBefore="$dirsBefore $dir "; fi
  done
  for i in "${srcsArray[@]}"; do unpackFile "$i"; done
  : "${sourceRoot=}"
  if [ -n "${setSourceRoot:-}" ]; then
    runOneHook setSourceRoot
  elif [ -z "$sourceRoot" ]; then
    for dir in *; do
      if [ -d "$dir" ]; then
        case $dirsBefore in
          *" $dir "*) ;;
          *)
            if [ -n "$sourceRoot" ]; then
              echo "unpacker produced multiple directories" >&2
              exit 1
            fi
            sourceRoot=$dir
            ;;
        esac
      fi
    done
  fi
  if [ -z "$sourceRoot" ]; then
    echo "unpacker appears to have produced no directories" >&2
    exit 1
  fi
  echo "source root is $sourceRoot"
  if [ "${dontMakeSourcesWritable:-0}" != 1 ]; then chmod -R u+w -- "$sourceRoot"; fi
  cd -- "$sourceRoot"
  runHook postUnpack
}

patchPhase() {
  runHook prePatch
  local patchesArray=() flagsArray=() i
  concatTo patchesArray patches
  concatTo flagsArray patchFlags=-p1
  for i in ${patchesArray+"${patchesArray[@]}"}; do
    echo "applying patch $i"
    case "$i" in
      *.gz) gzip -d <"$i" | patch "${flagsArray[@]}" ;;
      *.bz2) bzip2 -d <"$i" | patch "${flagsArray[@]}" ;;
      *.xz) xz -d <"$i" | patch "${flagsArray[@]}" ;;
      *) patch "${flagsArray[@]}" <"$i" ;;
    esac
  done
  runHook postPatch
}

configurePhase() {
  runHook preConfigure
  : "${configureScript=}"
  if [ -z "$configureScript" ] && [ -x ./configure ]; then configureScript=./configure; fi
  if [ -n "$configureScript" ]; then
    local flagsArray=()
    if [ -z "${dontAddPrefix:-}" ] && [ -n "$prefix" ]; then flagsArray+=("${prefixKey:---prefix=}$prefix"); fi
    if [ -z "${dontDisableStatic:-}" ] && grep -q enable-static "$configureScript" 2>/dev/null; then flagsArray+=(--disable-static); fi
    if [ -z "${dontAddDisableDepTrack:-}" ] && grep -q dependency-tracking "$configureScript" 2>/dev/null; then flagsArray+=(--disable-dependency-tracking); fi
    concatTo flagsArray configureFlags configureFlagsArray
    echoCmd 'configure flags' "${flagsArray[@]}"
    # shellcheck disable=SC2086
    $configureScript "${flagsArray[@]}"
  else
    echo "no configure script, doing nothing"
  fi
  runHook postConfigure
}

_hasMakefile() {
  [ -n "${makefile:-}" ] || [ -e Makefile ] || [ -e makefile ] || [ -e GNUmakefile ]
}

buildPhase() {
  runHook preBuild
  if [ -z "${makeFlags[*]:-}" ] && ! _hasMakefile; then
    echo "no Makefile or custom buildPhase, doing nothing"
  else
    local flagsArray=(${enableParallelBuilding:+-j${NIX_BUILD_CORES}} "SHELL=$SHELL")
    concatTo flagsArray makeFlags makeFlagsArray buildFlags buildFlagsArray
    echoCmd 'build flags' "${flagsArray[@]}"
    make ${makefile:+-f "$makefile"} "${flagsArray[@]}"
  fi
  runHook postBuild
}

checkPhase() {
  runHook preCheck
  if [ -z "${foundMakefile:-}" ] && ! _hasMakefile; then
    echo "no Makefile or custom checkPhase, doing nothing"
    runHook postCheck
    return
  fi
  if [ -z "${checkTarget:-}" ]; then
    if make -n ${makefile:+-f "$makefile"} check >/dev/null 2>&1; then
      checkTarget=check
    elif make -n ${makefile:+-f "$makefile"} test >/dev/null 2>&1; then
      checkTarget=test
    fi
  fi
  if [ -z "${checkTarget:-}" ]; then
    echo "no check/test target in ${makefile:-Makefile}, doing nothing"
  else
    local flagsArray=(${enableParallelChecking:+-j${NIX_BUILD_CORES}} "SHELL=$SHELL")
    concatTo flagsArray makeFlags makeFlagsArray checkFlags=VERBOSE=y checkFlagsArray checkTarget
    echoCmd 'check flags' "${flagsArray[@]}"
    make ${makefile:+-f "$makefile"} "${flagsArray[@]}"
  fi
  runHook postCheck
}

installPhase() {
  runHook preInstall
  if [ -z "${makeFlags[*]:-}" ] && ! _hasMakefile; then
    echo "no Makefile or custom installPhase, doing nothing"
    runHook postInstall
    return
  fi
  if [ -n "$prefix" ]; then mkdir -p "$prefix"; fi
  local flagsArray=(${enableParallelInstalling:+-j${NIX_BUILD_CORES}} "SHELL=$SHELL")
  concatTo flagsArray makeFlags makeFlagsArray installFlags installFlagsArray installTargets=install
  echoCmd 'install flags' "${flagsArray[@]}"
  make ${makefile:+-f "$makefile"} "${flagsArray[@]}"
  runHook postInstall
}

getAllOutputNames() {
  if [ -n "${__structuredAttrs:-}" ]; then echo "${!outputs[*]}"; else echo "${outputs:-out}"; fi
}

# moveToOutput PATH OUTPUT: a path (or glob) of every output goes to another output.
moveToOutput() {
  local pattern=$1 target=${!2} output source
  for output in $(getAllOutputNames); do
    [ "${!output}" = "$target" ] && continue
    for source in "${!output}"/$pattern; do
      [ -e "$source" ] || [ -L "$source" ] || continue
      local destination="$target${source#"${!output}"}"
      echo "Moving $source to $destination"
      mkdir -p "$(dirname "$destination")"
      if [ -d "$destination" ] && [ -d "$source" ]; then
        mv -t "$destination" "$source"/*
        rmdir "$source"
      else
        mv "$source" "$destination"
      fi
      rmdir --ignore-fail-on-non-empty -p "$(dirname "$source")" 2>/dev/null || true
    done
  done
}

_multioutDevs() {
  [ "$outputDev" = out ] && return 0
  moveToOutput include "$outputDev"
  moveToOutput lib/pkgconfig "$outputDev"
  moveToOutput share/pkgconfig "$outputDev"
  moveToOutput lib/cmake "$outputDev"
  moveToOutput share/aclocal "$outputDev"
}

_moveSbin() {
  [ -n "${dontMoveSbin:-}" ] && return 0
  [ -d "$prefix/sbin" ] && [ ! -L "$prefix/sbin" ] || return 0
  mkdir -p "$prefix/bin"
  local file
  for file in "$prefix"/sbin/*; do [ -e "$file" ] && mv "$file" "$prefix/bin/"; done
  rmdir "$prefix/sbin" && ln -s bin "$prefix/sbin"
}

_compressManPages() {
  [ -n "${dontGzipMan:-}" ] && return 0
  [ -d "$prefix/share/man" ] || return 0
  find "$prefix/share/man" -type f ! -name '*.gz' ! -name '*.bz2' ! -name '*.xz' -exec gzip -n -f {} +
}

_doStrip() {
  [ -n "${dontStrip:-}" ] && return 0
  type -p strip >/dev/null || return 0
  local dir dirs=() file
  for dir in bin sbin lib libexec; do [ -d "$prefix/$dir" ] && dirs+=("$prefix/$dir"); done
  ((${#dirs[@]})) || return 0
  echo "stripping (with command strip and flags ${stripDebugFlags:--S -p}) in  ${dirs[*]}"
  find "${dirs[@]}" -type f \( -perm -0100 -o -name '*.so*' -o -name '*.a' \) -print0 | while IFS= read -r -d '' file; do
    # shellcheck disable=SC2086
    if isELF "$file" || [[ $file == *.a ]]; then strip ${stripDebugFlags:--S -p} "$file" 2>/dev/null || true; fi
  done
}

_patchShebangsAuto() {
  [ -n "${dontPatchShebangs:-}" ] && return 0
  [ -e "$prefix" ] && patchShebangs --host "$prefix"
  return 0
}

_shrinkRpaths() {
  [ -n "${dontPatchELF:-}" ] && return 0
  type -p patchelf >/dev/null || return 0
  [ -d "$prefix" ] || return 0
  local file
  echo "shrinking RPATHs of ELF executables and libraries in $prefix"
  while IFS= read -r -d $'\0' file; do
    isELF "$file" || continue
    patchelf --shrink-rpath "$file" 2>/dev/null || true
  done < <(find "$prefix" -type f \( -perm -0100 -o -name '*.so*' \) -print0)
}

_recordPropagated() {
  local list name
  for name in propagatedBuildInputs propagatedNativeBuildInputs; do
    list=()
    concatTo list "$name"
    ((${#list[@]})) || continue
    mkdir -p "${!outputDev}/nix-support"
    case "$name" in
      propagatedBuildInputs) printf '%s ' "${list[@]}" >"${!outputDev}/nix-support/propagated-build-inputs" ;;
      *) printf '%s ' "${list[@]}" >"${!outputDev}/nix-support/propagated-native-build-inputs" ;;
    esac
  done
  if [ -n "${setupHook:-}" ]; then
    mkdir -p "${!outputDev}/nix-support"
    substituteAll "$setupHook" "${!outputDev}/nix-support/setup-hook"
  fi
  local hooks=() hook
  concatTo hooks setupHooks
  for hook in ${hooks+"${hooks[@]}"}; do
    mkdir -p "${!outputDev}/nix-support"
    local content
    consumeEntire content <"$hook"
    substituteAllStream content "file '$hook'"
    printf '%s' "$content" >>"${!outputDev}/nix-support/setup-hook"
  done
  if [ -n "${propagatedUserEnvPkgs[*]:-}" ]; then
    mkdir -p "${!outputBin}/nix-support"
    printf '%s ' "${propagatedUserEnvPkgs[@]}" >"${!outputBin}/nix-support/propagated-user-env-packages"
  fi
}

fixupPhase() {
  local output
  for output in $(getAllOutputNames); do
    # Hooks may need to write; the realiser makes all of it read-only afterwards.
    if [ -e "${!output}" ]; then chmod -R u+w,u-s,g-s "${!output}" 2>/dev/null || true; fi
  done
  runHook preFixup
  _multioutDevs
  for output in $(getAllOutputNames); do
    [ -e "${!output}" ] || continue
    prefix=${!output} runHook fixupOutput
  done
  _recordPropagated
  runHook postFixup
}

fixupOutputHooks+=(_moveSbin _compressManPages _doStrip _patchShebangsAuto _shrinkRpaths)

installCheckPhase() {
  runHook preInstallCheck
  if _hasMakefile && make -n ${makefile:+-f "$makefile"} "${installCheckTarget:-installcheck}" >/dev/null 2>&1; then
    local flagsArray=(${enableParallelChecking:+-j${NIX_BUILD_CORES}} "SHELL=$SHELL")
    concatTo flagsArray makeFlags makeFlagsArray installCheckFlags installCheckFlagsArray installCheckTarget=installcheck
    make ${makefile:+-f "$makefile"} "${flagsArray[@]}"
  else
    echo "no Makefile or custom installCheckPhase, doing nothing"
  fi
  runHook postInstallCheck
}

distPhase() {
  runHook preDist
  local flagsArray=()
  concatTo flagsArray distFlags distFlagsArray distTarget=dist
  make ${makefile:+-f "$makefile"} "${flagsArray[@]}"
  if [ "${dontCopyDist:-0}" != 1 ]; then
    mkdir -p "$out/tarballs"
    # shellcheck disable=SC2086
    cp -pvd ${tarballs[*]:-*.tar.gz} "$out/tarballs"
  fi
  runHook postDist
}

definePhases() {
  if [ -z "${phases[*]:-}" ]; then
    phases="${prePhases[*]:-} unpackPhase patchPhase ${preConfigurePhases[*]:-} configurePhase ${preBuildPhases[*]:-} buildPhase checkPhase ${preInstallPhases[*]:-} installPhase ${preFixupPhases[*]:-} fixupPhase installCheckPhase ${preDistPhases[*]:-} distPhase ${postPhases[*]:-}"
  fi
}

_phaseWanted() {
  case "$1" in
    unpackPhase) [ -z "${dontUnpack:-}" ] ;;
    patchPhase) [ -z "${dontPatch:-}" ] ;;
    configurePhase) [ -z "${dontConfigure:-}" ] ;;
    buildPhase) [ -z "${dontBuild:-}" ] ;;
    checkPhase) [ -n "${doCheck:-}" ] ;;
    installPhase) [ -z "${dontInstall:-}" ] ;;
    fixupPhase) [ -z "${dontFixup:-}" ] ;;
    installCheckPhase) [ -n "${doInstallCheck:-}" ] ;;
    distPhase) [ -n "${doDist:-}" ] ;;
  esac
}

runPhase() {
  local curPhase=$1
  _phaseWanted "$curPhase" || return 0
  showPhaseHeader "$curPhase"
  dumpVars
  # The attribute wins over the function, so that a phase can be given as text and still call the default.
  if [ -n "${!curPhase:-}" ]; then eval "${!curPhase}"; else "$curPhase"; fi
  # Phases of users often end in another directory or shell option; the next one starts in the source.
  if [ "$curPhase" = unpackPhase ] && [ -n "${sourceRoot:-}" ] && [ ! -x . ]; then
    echo "cannot enter the source root $sourceRoot" >&2
    exit 1
  fi
}

genericBuild() {
  export GZIP_NO_TIMESTAMPS=1
  if [ -f "${buildCommandPath:-}" ]; then
    source "$buildCommandPath"
    return
  fi
  if [ -n "${buildCommand:-}" ]; then
    eval "$buildCommand"
    return
  fi
  definePhases
  local curPhase
  for curPhase in ${phases[*]}; do runPhase "$curPhase"; done
}

# What a failed build (--keep-failed) can be entered with.
dumpVars() {
  if [ "${noDumpEnvVars:-0}" != 1 ] && [ -n "${NIX_BUILD_TOP:-}" ] && [ -w "$NIX_BUILD_TOP" ]; then
    export 2>/dev/null >"$NIX_BUILD_TOP/env-vars" || true
  fi
}

exitHandler() {
  local exitCode=$?
  set +e
  if [ -n "${showBuildStats:-}" ]; then times; fi
  if [ "$exitCode" != 0 ]; then
    runHook failureHook
    if [ -n "${succeedOnFailure:-}" ]; then
      echo "build failed with exit code $exitCode (ignored)"
      mkdir -p "$out/nix-support"
      printf '%s' "$exitCode" >"$out/nix-support/failed"
      exit 0
    fi
  else
    runHook exitHook
  fi
  return "$exitCode"
}

# -- what happens at once --------------------------------------------------------------------------------------------

: "${NIX_STORE:=@storeDir@}"
: "${NIX_BUILD_CORES:=1}"
[ "$NIX_BUILD_CORES" -gt 0 ] 2>/dev/null || NIX_BUILD_CORES=$(nproc 2>/dev/null || echo 1)
export NIX_STORE NIX_BUILD_CORES
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-315532800}
: "${outputs:=out}"

# Which output takes what: the first of the candidates that the derivation has.
_outputFor() {
  local variable=$1 candidate
  shift
  [ -n "${!variable:-}" ] && return 0
  for candidate in "$@"; do
    if [ -n "${!candidate:-}" ] && [[ " $(getAllOutputNames) " == *" $candidate "* ]]; then
      declare -g "$variable=$candidate"
      return 0
    fi
  done
  declare -g "$variable=out"
}
_outputFor outputDev dev out
_outputFor outputBin bin out
_outputFor outputInclude "${outputDev}"
_outputFor outputLib lib out
_outputFor outputDoc doc out
_outputFor outputMan man "$outputBin"
_outputFor outputInfo info "$outputBin"

: "${prefix=${out:-}}"
[ "$outputDev" = out ] || export outputDev

# Programs of the builder itself come last, so that inputs can be in front of them.
declare -A _inputSeen=()
declare -a pkgsHostTarget=() envHooks=()
_PATH=
PATH=@initialPath@
export SHELL=@shell@
export CONFIG_SHELL=$SHELL
defaultNativeBuildInputs="@defaultNativeBuildInputs@"
for _input in $defaultNativeBuildInputs; do findInput "$_input"; done
unset _input
_findInputs
PATH=${_PATH}${_PATH:+:}$PATH
export HOST_PATH=$PATH
unset _PATH
export PATH

# nix-shell keeps the user's own temporary directory; builds have theirs.
if [ -n "${NIX_BUILD_TOP:-}" ]; then
  export TMPDIR=${TMPDIR:-$NIX_BUILD_TOP} TEMP=${TMPDIR:-$NIX_BUILD_TOP} TMP=${TMPDIR:-$NIX_BUILD_TOP} TEMPDIR=${TMPDIR:-$NIX_BUILD_TOP}
fi

runHook addInputsHook
runHook preHook
dumpVars

# makeWrapper EXECUTABLE WRAPPER ARGS... writes a shell script that sets its environment and then becomes EXECUTABLE.
# wrapProgram PROGRAM ARGS... moves PROGRAM aside and puts such a script in its place.
#
#   --argv0 NAME, --inherit-argv0, --resolve-argv0    what the program is told its name is
#   --set VAR VALUE, --set-default VAR VALUE, --unset VAR
#   --chdir DIR, --run COMMAND
#   --add-flags FLAGS, --append-flags FLAGS           words as the shell splits them, before or after the caller's
#   --add-flag FLAG, --append-flag FLAG               one word
#   --prefix / --suffix VAR SEPARATOR VALUE           and -each (several VALUEs), -contents (VALUEs out of FILES)

assertExecutable() {
  if [ ! -f "$1" ] || [ ! -x "$1" ]; then
    echo "makeWrapper: Cannot wrap '$1' because it is not an executable file" >&2
    return 1
  fi
}

# Code that puts a value at the front or the end of a list, once: an occurrence that is there already moves.
_wrapperListCode() {
  local mode=$1 var=$2 separator=$3 value=$4
  [ -n "$value" ] || return 0
  local quoted=${value@Q} sep=${separator@Q}
  printf '%s\n' "$var=\${$var:+$sep\$$var$sep}"
  printf '%s\n' "$var=\${$var/$sep$quoted$sep/$sep}"
  if [ "$mode" = prefix ]; then
    printf '%s\n' "$var=$quoted\$$var"
  else
    printf '%s\n' "$var=\$$var$quoted"
  fi
  printf '%s\n' "$var=\${$var#$sep}" "$var=\${$var%$sep}" "export $var"
}

makeWrapper() { makeShellWrapper "$@"; }

makeShellWrapper() {
  local original=$1 wrapper=$2
  local argv0= inheritArgv0= flagsBefore= flagsAfter= code= file value values
  assertExecutable "$original" || return 1
  shift 2
  while (($#)); do
    case "$1" in
      --set)
        code+="export $2=${3@Q}"$'\n'
        shift 3
        ;;
      --set-default)
        code+="export $2=\${$2-${3@Q}}"$'\n'
        shift 3
        ;;
      --unset)
        code+="unset $2"$'\n'
        shift 2
        ;;
      --chdir)
        code+="cd ${2@Q}"$'\n'
        shift 2
        ;;
      --run)
        code+="$2"$'\n'
        shift 2
        ;;
      --prefix | --suffix)
        code+=$(_wrapperListCode "${1#--}" "$2" "$3" "$4")$'\n'
        shift 4
        ;;
      --prefix-each | --suffix-each)
        for value in $4; do
          code+=$(_wrapperListCode "$(n=${1#--} && echo "${n%-each}")" "$2" "$3" "$value")$'\n'
        done
        shift 4
        ;;
      --prefix-contents | --suffix-contents)
        for file in $4; do
          values=$(<"$file")
          code+=$(_wrapperListCode "$(n=${1#--} && echo "${n%-contents}")" "$2" "$3" "$values")$'\n'
        done
        shift 4
        ;;
      --add-flags)
        flagsBefore+=" $2"
        shift 2
        ;;
      --append-flags)
        flagsAfter+=" $2"
        shift 2
        ;;
      --add-flag)
        flagsBefore+=" ${2@Q}"
        shift 2
        ;;
      --append-flag)
        flagsAfter+=" ${2@Q}"
        shift 2
        ;;
      --argv0)
        argv0=$2
        shift 2
        ;;
      --inherit-argv0)
        inheritArgv0=1
        shift
        ;;
      --resolve-argv0) shift ;;
      *)
        echo "makeWrapper doesn't understand the arg $1" >&2
        return 1
        ;;
    esac
  done
  mkdir -p "$(dirname "$wrapper")"
  {
    printf '#! %s -e\n' "$SHELL"
    printf '%s' "$code"
    printf 'exec'
    if [ -n "$inheritArgv0" ]; then
      printf ' -a "$0"'
    elif [ -n "$argv0" ]; then
      printf ' -a %s' "${argv0@Q}"
    fi
    printf ' %s%s "$@"%s\n' "\"$original\"" "${flagsBefore:+ $flagsBefore}" "${flagsAfter:+ $flagsAfter}"
  } >"$wrapper"
  chmod +x "$wrapper"
}

wrapProgram() { wrapProgramShell "$@"; }

wrapProgramShell() {
  local program=$1 hidden
  shift
  assertExecutable "$program" || return 1
  hidden=$(dirname "$program")/.$(basename "$program")-wrapped
  while [ -e "$hidden" ]; do hidden="${hidden}_"; done
  mv "$program" "$hidden"
  makeShellWrapper "$hidden" "$program" --inherit-argv0 "$@"
}

# wrapPythonPrograms: programs of this package find their modules. With makeWrapperArgs they are put behind a shell script too.
wrapPythonPrograms() {
  wrapPythonProgramsIn "$out" "$out ${pythonPath[*]:-}"
}

wrapPythonProgramsIn() {
  local root=${1%/bin}
  # shellcheck disable=SC2086
  @python@ @wrapPrograms@ "$root" "@pythonRoot@" "@python@" "@sitePackages@" ${2:-}
  local arguments=()
  concatTo arguments makeWrapperArgs
  if [ ${#arguments[@]} -gt 0 ] && declare -F wrapProgram >/dev/null; then
    local program
    for program in "$root"/bin/*; do
      if [ -f "$program" ] && [ -x "$program" ]; then wrapProgram "$program" "${arguments[@]}"; fi
    done
  fi
}

pytestCheckPhase() {
  local arguments=() flags=() tests=() paths=() path expression=
  concatTo tests disabledTests
  concatTo paths disabledTestPaths
  concatTo flags pytestFlags pytestFlagsArray
  local test
  for test in ${tests+"${tests[@]}"}; do expression="${expression:+$expression and }not $test"; done
  if [ -n "$expression" ]; then arguments+=(-k "$expression"); fi
  for path in ${paths+"${paths[@]}"}; do arguments+=("--ignore=$path"); done
  PYTHONPATH="$out/@sitePackages@${PYTHONPATH:+:$PYTHONPATH}" @python@ -m pytest "${arguments[@]}" ${flags+"${flags[@]}"}
}
runPythonChecks() { pytestCheckPhase; }

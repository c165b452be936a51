unittestCheckPhase() {
  local flags=()
  concatTo flags unittestFlags unittestFlagsArray
  PYTHONPATH="$out/@sitePackages@${PYTHONPATH:+:$PYTHONPATH}" @python@ -m unittest discover ${flags+"${flags[@]}"}
}
runPythonChecks() { unittestCheckPhase; }

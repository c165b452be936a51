pythonImportsCheckPhase() {
  echo "Check whether the following modules can be imported: ${pythonImportsCheck[*]}"
  (
    cd "$out"
    export PYTHONPATH="$out/@sitePackages@${PYTHONPATH:+:$PYTHONPATH}"
    @python@ -c 'import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]' ${pythonImportsCheck[*]}
  )
}

if [ -z "${dontUsePythonImportsCheck:-}" ]; then
  preDistPhases="${preDistPhases:-} pythonImportsCheckPhase"
fi

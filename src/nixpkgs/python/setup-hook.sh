# Sourced where python3 is an input: modules of all inputs are importable.
addPythonPath() {
  addToSearchPath PYTHONPATH "$1/lib/python3.11/site-packages"
  addToSearchPath PYTHONPATH "$1/lib/python3/dist-packages"
}
addEnvHooks "${hostOffset:-0}" addPythonPath

# What is built must not depend on the time, on hash seeds or on modules in somebody's home.
export PYTHONHASHSEED=0
export PYTHONNOUSERSITE=1
export DETERMINISTIC_BUILD=1

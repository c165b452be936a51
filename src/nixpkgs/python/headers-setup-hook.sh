# Sourced where python3-dev is an input: Python.h is found.
addPythonHeaders() {
  if [ -d "$1/include/python3.11" ]; then
    export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE:-} -isystem $1/include/python3.11"
  fi
}
addEnvHooks "${hostOffset:-0}" addPythonHeaders

# Sourced where automake is an input: aclocal finds the macros of all inputs.
addAclocals() {
  addToSearchPathWithCustomDelimiter : ACLOCAL_PATH "$1/share/aclocal"
}
addEnvHooks "${hostOffset:-0}" addAclocals

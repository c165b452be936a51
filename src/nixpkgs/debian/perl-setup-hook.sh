# Sourced where perl is an input: modules of all inputs are found.
addPerlLibPath() {
  addToSearchPath PERL5LIB "$1/share/perl5"
  addToSearchPath PERL5LIB "$1/lib/@triplet@/perl5/5.36"
  addToSearchPath PERL5LIB "$1/lib/perl5/site_perl"
}
addEnvHooks "${hostOffset:-0}" addPerlLibPath

# The program; its library and headers are the outputs `out` (or `lib`) and `dev`.
{ debianPackages, lib }:
debianPackages.openssl // {
  bin = debianPackages.openssl;
  out = debianPackages.libssl3;
  lib = debianPackages.libssl3;
  dev = debianPackages.libssl-dev;
  outputs = [ "bin" "out" "dev" ];
}

# Other and older names.
final: previous:
let
  inherit (previous) lib;
in
{
  nss-cacert = final.cacert;
  iproute = final.iproute2;
  utillinux = final.util-linux;
  nc = final.netcat;
  nix = throw "nix is not in the embedded package set: nixlet does its work";
  nixpkgs-fmt = throw "nixpkgs-fmt is not in the embedded package set";
  ensureNewerSourcesForZipFilesHook = final.makeSetupHook { name = "zip-dates"; } ../build-support/empty-hook.sh;
  nix-gitignore = throw "nix-gitignore is not in the embedded package set; lib.sources and lib.fileset are";
}

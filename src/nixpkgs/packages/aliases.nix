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
  ensureNewerSourcesForZipFilesHook = final.makeSetupHook { name = "zip-dates"; } ../build-support/empty-hook.sh;
}

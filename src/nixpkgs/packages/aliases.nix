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
  coreutils-full = final.coreutils;
  bashInteractiveFHS = final.bash;
  gcc-unwrapped-lib = final.stdenv.cc.cc.lib;
  jemalloc = final.debianPackages.libjemalloc2;
  locale = final.debianPackages.libc-bin;
  ps = final.procps;
  iptables-nftables-compat = final.iptables;
  hostname = final.nettools;
  ping = final.iputils;
  mysql-client = final.mariadb-client;
  ensureNewerSourcesForZipFilesHook = final.makeSetupHook { name = "zip-dates"; } ../build-support/empty-hook.sh;
}

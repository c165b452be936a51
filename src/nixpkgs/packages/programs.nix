# Programs and services, by nixpkgs' names where they differ from Debian's.
final: previous:
let
  inherit (previous) lib;
  inherit (final) debianPackages callPackage;
  debian = names: lib.genAttrs names (name: debianPackages.${name});
in
debian [
  "hello" "tini" "dumb-init" "gosu" "less" "nano" "tree" "htop" "rsync" "time" "bc" "parallel" "entr" "tmux" "screen" "pv"
  "moreutils" "psmisc" "nginx" "redis" "haproxy" "memcached" "lighttpd" "mosquitto" "jo" "socat" "wget" "iptables" "skopeo"
  "perl" "ruby" "tcl" "fzf" "util-linux" "procps" "black" "httpie" "jc" "supervisor"
] // {
  busybox = debianPackages.busybox-static;
  gnupg = debianPackages.gnupg;
  openssh = debianPackages.openssh-client;
  apacheHttpd = debianPackages.apache2-bin;
  dnsmasq = debianPackages.dnsmasq-base;
  iproute2 = debianPackages.iproute2;
  iputils = debianPackages.iputils-ping;
  shadow = debianPackages.passwd;
  netcat-openbsd = debianPackages.netcat-openbsd;
  netcat = final.netcat-openbsd;
  libressl.nc = final.netcat-openbsd;
  dnsutils = debianPackages.bind9-dnsutils;
  bind.dnsutils = final.dnsutils;
  nettools = debianPackages.net-tools;
  vim = debianPackages.vim;
  lua5_4 = debianPackages."lua5.4";
  lua = final.lua5_4;
  php82 = debianPackages."php8.2-cli";
  php = final.php82;
  postgresql_15 = debianPackages.postgresql;
  postgresql = final.postgresql_15;
  mariadb-client = debianPackages.mariadb-client;
  glibcLocales = debianPackages.libc-bin;
  getent = debianPackages.libc-bin;
  fd = debianPackages.fd-find;
  python3Minimal = final.python3;

  curl = callPackage ./wrapped/curl.nix { };
  openssl = callPackage ./wrapped/openssl.nix { };
  git = callPackage ./wrapped/git.nix { };
  gitMinimal = final.git;
  git-lfs = debianPackages.git-lfs;
  jq = debianPackages.jq;
  nodejs_18 = debianPackages.nodejs;
  nodejs = final.nodejs_18;
  nodejs-18_x = final.nodejs_18;
  nodejs-slim = final.nodejs_18;

  cacert = debianPackages.ca-certificates;
}

# What single Debian packages need beyond being unpacked: their name in the set, files left out, fixups of the builder
# (src/realise/builders/unpack-deb), links, compiled-in paths that must point into the store. By key of the lock; a recipe is
# a set, or a function of { packages, version, triplet, debs, writeText } where it needs them.
{ lib }:
let
  jquery = packages: directory: names:
    lib.listToAttrs (map (name: lib.nameValuePair "${directory}/${name}" "${packages.libjs-jquery}/share/javascript/jquery/${name}") names);

  system = {
    # 9 of its 13 MB are converters for iconv; UTF-8, UTF-16, UCS and ASCII are built in.
    glibc = { remove = [ "lib/*/gconv" ]; };
    libc-bin = { remove = [ "etc/ld.so.conf*" "bin/ldconfig*" ]; };
    dash = { meta.mainProgram = "dash"; };
    bash = { meta.mainProgram = "bash"; remove = [ "etc" "bin/bashbug" ]; links."bin/sh" = "bash"; };
    busybox-static = { writeText, ... }: {
      pname = "busybox";
      fixups = [ "busybox-applets" ];
      # Nothing but programs, as nixpkgs' busybox: an image's root gets exactly these.
      remove = [ "share" "etc" ];
      links."default.script" = writeText "default.script" (builtins.readFile ./default.script);
      meta.mainProgram = "busybox";
    };
    tini = { meta.mainProgram = "tini"; };
    bubblewrap = { meta.mainProgram = "bwrap"; };
    libmagic = { compiledPaths = [ "/etc/magic" "/usr/share/misc/magic" ]; };
    ca-certificates = { pname = "nss-cacert"; fixups = [ "ca-certificates-bundle" ]; remove = [ "bin" "share/ca-certificates" ]; };
    libssl3 = { triplet, ... }: {
      # Certificates are the system's: an image with cacert in its root, or the host's.
      compiledPaths = {
        "/usr/lib/${triplet}/ossl-modules" = null;
        "/usr/lib/${triplet}/engines-3" = null;
        "/usr/lib/ssl" = "/etc/ssl";
        "/usr/lib/ssl/cert.pem" = "/etc/ssl/certs/ca-certificates.crt";
      };
    };
    openssl = { remove = [ "bin/c_rehash" "lib/ssl/misc" ]; };
    tzdata = { remove = [ "share/zoneinfo/right" "share/zoneinfo/posix" ]; };
    vim = { compiledPaths = [ "/usr/share/vim" ]; };
    git = { packages, ... }: {
      pname = "git-unwrapped";
      compiledPaths = { "/usr/lib/git-core" = null; "/usr/share/git-core" = null; "/bin/sh" = "${packages.dash}/bin/dash"; };
      remove = [ "share/gitweb" "share/git-core/contrib" "lib/git-core/mergetools" "var" ];
    };
  };

  building = {
    # Links to libraries of sanitizers, which are left out (relock/recipe.ts).
    gcc = { remove = map (name: "lib/gcc/*/*/lib${name}.so") [ "asan" "cc1" "itm" "lsan" "tsan" "ubsan" ]; };
    autoconf = { propagate = [ "m4" "perl" ]; compiledPaths = [ "/usr/share/autoconf" "/usr/bin/m4" "/usr/bin/perl" ]; };
    automake = { writeText, ... }: {
      propagate = [ "autoconf" ];
      links."nix-support/setup-hook" = writeText "setup-hook" (builtins.readFile ./automake-setup-hook.sh);
      compiledPaths = [ "/usr/share/automake-1.16" "/usr/share/aclocal-1.16" "/usr/share/aclocal" "/usr/bin/autom4te" "/usr/bin/autoconf" ];
    };
    libtool = { packages, ... }: {
      propagate = [ "m4" "file" ];
      compiledPaths = {
        "/usr/share/libtool" = null;
        "/usr/share/aclocal" = null;
        "/bin/sed" = "${packages.sed}/bin/sed";
        "/bin/grep" = "${packages.grep}/bin/grep";
        "/usr/bin/file" = "${packages.file}/bin/file";
      };
    };
    bison = { compiledPaths = [ "/usr/share/bison" "/usr/bin/m4" ]; };
    flex = { compiledPaths = [ "/usr/bin/m4" ]; };
  };

  languages = {
    perl = { triplet, writeText, packages, ... }: {
      meta.mainProgram = "perl";
      links."nix-support/setup-hook" = writeText "setup-hook" (builtins.replaceStrings [ "@triplet@" ] [ triplet ] (builtins.readFile ./perl-setup-hook.sh));
      compiledPaths = lib.genAttrs [ "/usr/share/perl" "/usr/lib/${triplet}/perl" "/usr/lib/${triplet}/perl-base" ] (_: null)
        // { "/bin/sh" = "${packages.dash}/bin/dash"; };
      remove = [ "lib/*/perl/cross-config-*" "lib/*/perl/debian-config-data-*" "share/perl/*/unicore/*.txt" "share/perl/*/pod" "share/perl/*/**/*.pod" "lib/*/perl/*/**/*.pod" ];
    };
    ruby = { remove = [ "lib/ruby/*/rdoc/generator/template/darkfish/fonts/Lato-*" "lib/ruby/*/rdoc/generator/template/darkfish/js/jquery.js" ]; };
    "php8.2-cli" = { pname = "php"; meta.mainProgram = "php"; links."bin/php" = "php8.2"; };
    nodejs = {
      meta.mainProgram = "node";
      compiledPaths = [ "/usr/share/nodejs" ];
      remove = [ "share/nodejs/@types" "bin/acorn" ];
    };
    "python3.11" = { writeText, packages, ... }: {
      pname = "python3";
      fixups = [ "python-executable" ];
      meta.mainProgram = "python3.11";
      links = {
        "bin/python" = "python3";
        "nix-support/setup-hook" = writeText "setup-hook" (builtins.readFile ../python/setup-hook.sh);
      };
      # For zoneinfo.
      compiledPaths."/usr/share/zoneinfo" = "${packages.tzdata}/share/zoneinfo";
      # nis needs Kerberos (relock/recipe.ts); the rest is Debian's own packaging.
      remove = [
        "lib/python3.11/lib-dynload/nis.*"
        "share/python3"
        "bin/py3*"
        "bin/pygettext3*"
        "bin/pdb3*"
        "lib/valgrind"
        "share/binfmts"
        "share/pixmaps"
      ];
    };
    python3-dev = { writeText, ... }: {
      links."nix-support/setup-hook" = writeText "setup-hook" (builtins.readFile ../python/headers-setup-hook.sh);
      # Of python3 itself, where this one's config.h and Makefile are.
      propagate = [ "python3.11" ];
    };
  };

  pythonModules = {
    python3-certifi = { packages, ... }: {
      compiledPaths."/etc/ssl/certs/ca-certificates.crt" = "${packages.ca-certificates}/etc/ssl/certs/ca-certificates.crt";
    };
    python3-tz = { compiledPaths = [ "/usr/share/zoneinfo" ]; };
    python3-matplotlib = { packages, ... }: {
      compiledPaths = { "/usr/share/matplotlib" = null; "/etc/matplotlibrc" = "${packages.python-matplotlib-data}/etc/matplotlibrc"; };
    };
    python3-virtualenv = { compiledPaths = [ "/usr/share/python-wheels" ]; };
    # Debian only recommends what their administration pages need.
    python3-django = { packages, ... }: {
      links = jquery packages "lib/python3/dist-packages/django/contrib/admin/static/admin/js/vendor/jquery" [ "jquery.js" "jquery.min.js" ];
    };
    python3-djangorestframework = { packages, ... }: {
      links = jquery packages "lib/python3/dist-packages/rest_framework/static/rest_framework/js" [ "jquery.min.js" ];
    };
  };

  services = {
    redis = { meta.mainProgram = "redis-server"; links."bin/redis-sentinel" = "redis-server"; };
    nginx = {
      meta.mainProgram = "nginx";
      compiledPaths = [ "/usr/share/nginx" ];
      remove = [ "etc/default" "share/nginx/modules" "share/vim" ];
    };
    postgresql = {
      meta.mainProgram = "postgres";
      remove = [ "lib/postgresql/15/lib/bitcode" "lib/postgresql/15/lib/llvmjit*" "etc" ];
      # Debian keeps the programs of each version apart; they find their share directory from their real place.
      links = lib.genAttrs (map (program: "bin/${program}") [ "clusterdb" "createdb" "createuser" "dropdb" "dropuser" "initdb" "pg_basebackup" "pg_controldata" "pg_ctl" "pg_dump" "pg_dumpall" "pg_isready" "pg_resetwal" "pg_restore" "pg_rewind" "pg_upgrade" "pgbench" "postgres" "psql" "reindexdb" "vacuumdb" ])
        (path: "../lib/postgresql/15/${path}");
    };
  };
in
{
  # Left out of every package.
  unwanted = [
    "share/doc" "share/man" "share/info" "share/locale" "share/lintian" "share/bug" "share/doc-base" "share/menu"
    "share/applications" "share/icons" "share/metainfo" "share/bash-completion" "share/zsh" "share/fish" "share/gdb"
    "share/initramfs-tools" "share/apport" "share/polkit-1" "share/reportbug" "share/debhelper" "share/dh-python"
    "lib/systemd" "lib/udev" "lib/tmpfiles.d" "lib/sysusers.d" "lib/modules-load.d" "lib/sysctl.d"
    "etc/init.d" "etc/cron.d" "etc/cron.daily" "etc/cron.weekly" "etc/cron.monthly" "etc/logrotate.d" "etc/apparmor.d"
    "etc/ufw" "etc/systemd" "etc/bash_completion.d" "etc/insserv.conf.d" "etc/sysctl.d" "etc/pam.d" "etc/ppp" "etc/network"
  ];
} // system // building // languages // pythonModules // services

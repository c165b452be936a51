# What .ci/nixpkgs-parity.ts --cases compares on <nixpkgs>, one attribute an evaluation: NixOS configurations, its tests and
# release files, cross compilation, other systems, overlays, helpers of languages, lib's own tests. Each is a drvPath, several, or
# plain data. Old names (services.xserver.layout, gnome3) are those of the 20.09 era, and are left out by what does not have them.
let
  nixpkgs = <nixpkgs>;
  make = import nixpkgs;
  pkgs = make { config.allowUnfree = true; overlays = [ ]; system = "x86_64-linux"; };
  inherit (pkgs) lib;
  source = { outPath = nixpkgs; revCount = 1; shortRev = "abcdefg"; rev = "abcdefg"; };
  paths = map (package: package.drvPath);

  nixos = configuration: (import (nixpkgs + "/nixos") { inherit configuration; });
  disk = { boot.loader.grub.device = "/dev/vda"; fileSystems."/".device = "/dev/vda1"; };
  machine = module: (nixos { imports = [ disk module ]; }).system.drvPath;
  evalConfig = import (nixpkgs + "/nixos/lib/eval-config.nix");
  installer = system: file: (evalConfig { inherit system; modules = [ (nixpkgs + "/nixos/modules/installer/${file}") ]; }).config.system.build;
  nixosTests = import (nixpkgs + "/nixos/tests/all-tests.nix") { inherit pkgs; system = "x86_64-linux"; callTest = test: test.test or test; };

  prefixed = prefix: lib.mapAttrs' (name: lib.nameValuePair "${prefix}-${name}");

  machines = {
    minimal = machine { };
    user = machine ({ pkgs, ... }: {
      services.openssh.enable = true;
      networking = { hostName = "box"; firewall.allowedTCPPorts = [ 80 443 ]; };
      users.users.alice = { isNormalUser = true; extraGroups = [ "wheel" ]; openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA alice" ]; };
      environment.systemPackages = [ pkgs.vim pkgs.git pkgs.htop ];
      time.timeZone = "Europe/Berlin";
    });
    desktop = machine ({ pkgs, ... }: {
      services.xserver = { enable = true; displayManager.sddm.enable = true; desktopManager.plasma5.enable = true; windowManager.i3.enable = true; };
      hardware.bluetooth.enable = true;
      sound.enable = true;
      services.printing.enable = true;
      networking.networkmanager.enable = true;
      programs.zsh.enable = true;
      virtualisation.docker.enable = true;
      virtualisation.libvirtd.enable = true;
      fonts.fonts = [ pkgs.noto-fonts ];
    });
    web = machine ({ pkgs, ... }: {
      services.postgresql = { enable = true; ensureDatabases = [ "app" ]; };
      security.acme = { acceptTerms = true; email = "a@example.org"; };
      services.nginx = {
        enable = true;
        recommendedTlsSettings = true;
        recommendedProxySettings = true;
        virtualHosts."a.example.org" = { forceSSL = true; enableACME = true; locations."/".proxyPass = "http://127.0.0.1:3000"; };
        virtualHosts."b.example.org" = { root = pkgs.hello; locations."~ \\.php$".extraConfig = "deny all;"; };
      };
      services.redis.enable = true;
      systemd.services.app = { wantedBy = [ "multi-user.target" ]; script = "${pkgs.hello}/bin/hello"; serviceConfig.DynamicUser = true; };
      systemd.timers.app = { wantedBy = [ "timers.target" ]; timerConfig.OnCalendar = "daily"; };
    });
    mail = machine {
      services.postfix.enable = true;
      services.dovecot2.enable = true;
      services.rspamd.enable = true;
      services.opendkim.enable = true;
      services.fail2ban.enable = true;
    };
    observed = machine {
      services.prometheus = { enable = true; exporters.node.enable = true; scrapeConfigs = [ { job_name = "n"; static_configs = [ { targets = [ "localhost:9100" ]; } ]; } ]; };
      services.grafana.enable = true;
      services.gitea.enable = true;
      services.borgbackup.jobs.home = { paths = "/home"; repo = "/backup"; encryption.mode = "none"; };
      networking.wireguard.interfaces.wg0 = { ips = [ "10.1.0.1/24" ]; privateKeyFile = "/key"; peers = [ { publicKey = "x"; allowedIPs = [ "10.1.0.2/32" ]; } ]; };
    };
    containers = machine ({ pkgs, ... }: {
      containers.web = {
        privateNetwork = true;
        hostAddress = "10.0.0.1";
        localAddress = "10.0.0.2";
        config = { services.httpd = { enable = true; adminAddr = "a@b"; }; networking.firewall.allowedTCPPorts = [ 80 ]; };
      };
      containers.db.config = { pkgs, ... }: { services.mysql = { enable = true; package = pkgs.mariadb; }; };
      virtualisation.oci-containers.containers.x = { image = "alpine"; cmd = [ "true" ]; };
    });
    cluster = machine { services.kubernetes = { roles = [ "master" "node" ]; masterAddress = "box"; }; };
    cross = (nixos {
      nixpkgs.crossSystem.config = "aarch64-unknown-linux-gnu";
      boot.loader.grub.enable = false;
      boot.loader.generic-extlinux-compatible.enable = true;
      fileSystems."/".device = "/dev/sda1";
    }).system.drvPath;
    vm = (nixos { services.openssh.enable = true; }).vm.drvPath;
    iso = (installer "x86_64-linux" "cd-dvd/installation-cd-minimal.nix").isoImage.drvPath;
    iso-graphical = (installer "x86_64-linux" "cd-dvd/installation-cd-graphical-plasma5.nix").isoImage.drvPath;
    sd-aarch64 = (installer "aarch64-linux" "cd-dvd/sd-image-aarch64.nix").sdImage.drvPath;
    netboot = (installer "x86_64-linux" "netboot/netboot-minimal.nix").netbootIpxeScript.drvPath;
    manual = (nixos disk).config.system.build.manual.manpages.drvPath;
    options = builtins.hashString "sha256" (builtins.toJSON (map (option: { inherit (option) name type; })
      (lib.filter (option: option.visible && !option.internal) (lib.optionAttrSetToDocList (nixos { }).options))));
  };

  tests = lib.genAttrs [
    "acme" "avahi" "bittorrent" "borgbackup" "caddy" "containers-bridge" "containers-imperative" "docker" "docker-tools" "dovecot" "ecryptfs"
    "elk" "firewall" "gitlab" "grafana" "haproxy" "hardened" "hibernate" "i3wm" "initdb" "kernel-latest" "krb5" "login" "matomo" "mysql"
    "nat" "nextcloud" "nfs3" "nginx" "openssh" "php" "plasma5" "podman" "prometheus" "rabbitmq" "redis" "samba" "simple" "sudo" "switchTest"
    "tor" "wireguard" "wordpress" "xfce" "zfs"
  ] (name: let found = nixosTests.${name}; in if found ? drvPath then found.drvPath else lib.mapAttrs (_: each: each.drvPath or null) (lib.filterAttrs (_: builtins.isAttrs) found));

  cross = lib.genAttrs (builtins.attrNames lib.systems.examples) (name: paths [ pkgs.pkgsCross.${name}.stdenv pkgs.pkgsCross.${name}.hello ]);
  crossed = with pkgs; {
    programs = paths (with pkgsCross.aarch64-multiplatform; [ openssh python3 linux pkgsStatic.hello ]);
    kernel = pkgsCross.raspberryPi.linuxPackages_rpi1.kernel.drvPath;
    windows = paths (with pkgsCross.mingwW64; [ boost zlib ]);
    static = paths (with pkgsStatic; [ hello busybox curl git nginx ]);
    musl = paths (with pkgsMusl; [ hello curl python3 ]);
    i686 = paths (with pkgsi686Linux; [ hello firefox wine ]);
  };
  systems = lib.genAttrs [ "x86_64-darwin" "aarch64-linux" "armv7l-linux" "i686-linux" "armv6l-linux" "powerpc64le-linux" "mipsel-linux" ]
    (system: paths (with make { inherit system; config = { }; overlays = [ ]; }; [ stdenv hello git ]));

  released = {
    small = let r = import (nixpkgs + "/pkgs/top-level/release-small.nix") { nixpkgs = source; }; in
      map (name: [ name (builtins.tryEval (r.${name}.x86_64-linux.drvPath or r.${name}.drvPath or null)) ]) (builtins.attrNames r);
    packages = let r = import (nixpkgs + "/pkgs/top-level/release.nix") { nixpkgs = source; }; in
      paths [ r.tarball r.lib-tests r.hello.x86_64-linux r.stdenvBootstrapTools.x86_64-linux.dist ];
    cross = let r = import (nixpkgs + "/pkgs/top-level/release-cross.nix") { }; in
      map (name: [ name (builtins.tryEval (r.${name}.hello.x86_64-linux.drvPath or null)) ]) (builtins.attrNames r);
    python = let r = import (nixpkgs + "/pkgs/top-level/release-python.nix") { }; in
      map (name: r.python3Packages.${name}.x86_64-linux.drvPath or null) [ "requests" "numpy" "flask" "scipy" ];
    nixos-small = let r = import (nixpkgs + "/nixos/release-small.nix") { nixpkgs = source; }; in
      paths [ r.nixos.tests.login.x86_64-linux r.nixos.iso_minimal.x86_64-linux ];
    nixos-combined = let r = import (nixpkgs + "/nixos/release-combined.nix") { nixpkgs = source; }; in
      paths [ r.nixos.channel r.nixpkgs.tarball r.nixos.tests.simple.x86_64-linux ];
    nixos = let r = import (nixpkgs + "/nixos/release.nix") { nixpkgs = source; }; in
      paths [ r.channel r.manual r.closures.smallContainer.x86_64-linux r.closures.lapp.x86_64-linux r.amazonImage.x86_64-linux ];
    bootstrap = let b = import (nixpkgs + "/pkgs/stdenv/linux/make-bootstrap-tools.nix") { }; in paths [ b.dist b.test ];
  };

  libs = {
    misc = import (nixpkgs + "/lib/tests/misc.nix");
    systems = import (nixpkgs + "/lib/tests/systems.nix");
    release = (import (nixpkgs + "/lib/tests/release.nix") { }).drvPath;
    names = builtins.attrNames lib;
    elaborated = map (system: let e = lib.systems.elaborate system; in { inherit (e) config system parsed libc uname; }) lib.systems.doubles.all;
    maintainers = builtins.hashString "sha256" (builtins.toJSON lib.maintainers);
    generators = map (f: f { a = 1; b = "x y"; c = { d = true; }; }) (with lib.generators; [ (toJSON { }) (toYAML { }) (toPretty { }) (toPlist { }) ])
      ++ [ (lib.generators.toINI { } { s = { k = 1; l = "m"; }; }) (lib.generators.toKeyValue { } { a = 1; }) ];
    meta = map (package: package.meta) (with pkgs; [ hello git curl firefox python3 gcc vim nginx postgresql ]);
  };

  customised = {
    overlay = paths (with make {
      config = { };
      overlays = [ (self: super: {
        hello = super.hello.overrideAttrs (old: { patches = [ (self.writeText "p" "x") ]; NIX_DEBUG = 1; });
        curl = super.curl.override { gssSupport = false; };
      }) ];
    }; [ hello curl git ]);
    python-overlay = (with make {
      config = { };
      overlays = [ (self: super: {
        python3 = super.python3.override { packageOverrides = pself: psuper: { requests = psuper.requests.overridePythonAttrs (_: { doCheck = false; }); }; };
      }) ];
    }; python3.withPackages (p: [ p.requests p.flask ])).drvPath;
    stdenvs = paths (with pkgs; [
      (hello.override { stdenv = clangStdenv; }) (hello.override { stdenv = gcc10Stdenv; }) (hello.override { stdenv = ccacheStdenv; })
      (enableDebugging hello) (keepDebugInfo stdenv) (useGoldLinker stdenv) (stdenvAdapters.makeStaticBinaries stdenv)
    ]);
    replaced-stdenv = (make { config.replaceStdenv = { pkgs }: pkgs.clangStdenv; overlays = [ ]; }).hello.drvPath;
    package-overrides = (make { config.packageOverrides = super: { hello = super.hello.overrideAttrs (_: { x = "y"; }); }; overlays = [ ]; }).hello.drvPath;
    content-addressed = (make { config.contentAddressedByDefault = false; config.doCheckByDefault = true; overlays = [ ]; }).hello.drvPath;
  };

  languages = with pkgs; {
    python = (python3.withPackages (p: with p; [ requests numpy flask django scipy pandas matplotlib jupyter ])).drvPath;
    python-versions = map (python: (python.withPackages (p: [ p.six ])).drvPath) [ python2 python36 python37 python38 pypy ];
    python-editable = (python3Packages.buildPythonApplication { pname = "a"; version = "1"; src = ./nixpkgs-parity.ts; propagatedBuildInputs = [ python3Packages.click ]; }).drvPath;
    rust = (rustPlatform.buildRustPackage { pname = "a"; version = "1"; src = fetchurl { url = "http://x/y.tgz"; sha256 = lib.fakeSha256; }; cargoSha256 = lib.fakeSha256; }).drvPath;
    go = (buildGoModule { pname = "a"; version = "1"; src = fetchFromGitHub { owner = "a"; repo = "b"; rev = "c"; sha256 = lib.fakeSha256; }; vendorSha256 = lib.fakeSha256; }).drvPath;
    go-package = (buildGoPackage { pname = "a"; version = "1"; goPackagePath = "x.y/z"; src = ./nixpkgs-parity.ts; }).drvPath;
    perl = (perl.withPackages (p: [ p.DBI p.JSON p.Moose ])).drvPath;
    r = (rWrapper.override { packages = with rPackages; [ ggplot2 dplyr ]; }).drvPath;
    emacs = (emacsWithPackages (e: [ e.magit e.evil ])).drvPath;
    vim = (vim_configurable.customize { name = "v"; vimrcConfig.packages.p.start = with vimPlugins; [ vim-nix fugitive ]; }).drvPath;
    neovim = (neovim.override { configure.packages.p.start = [ vimPlugins.vim-nix ]; }).drvPath;
    vscode = (vscode-with-extensions.override { vscodeExtensions = [ vscode-extensions.bbenoist.Nix ]; }).drvPath;
    tex = (texlive.combine { inherit (texlive) scheme-small beamer; }).drvPath;
    ruby = (ruby.withPackages (p: [ p.nokogiri ])).drvPath;
    lua = (lua5_3.withPackages (p: [ p.luasocket ])).drvPath;
    php = (php.withExtensions ({ enabled, all }: enabled ++ [ all.imagick ])).drvPath;
    ocaml = paths (with ocamlPackages; [ lwt ocaml findlib merlin ]);
    coq = paths (with coqPackages; [ mathcomp ]);
    node = paths (with nodePackages; [ typescript eslint bower ]);
    java = (maven.override { jdk = jdk11; }).drvPath;
    beam = paths (with beam.packages.erlang; [ rebar3 elixir ]);
    dotnet = (with dotnetCorePackages; combinePackages [ sdk_3_1 netcore_2_1 ]).drvPath;
    android = (androidenv.composeAndroidPackages { }).androidsdk.drvPath;
    gnuradio = gnuradio-with-packages.drvPath;
  };

  builders = with pkgs; {
    trivial = paths [
      (writeShellScriptBin "a" "echo") (runCommand "x" { a = [ 1 2 ]; b = true; c = null; d = 1.5; } "touch $out") (symlinkJoin { name = "s"; paths = [ hello git ]; })
      (buildEnv { name = "e"; paths = [ hello ]; pathsToLink = [ "/bin" ]; }) (linkFarm "l" [ { name = "h"; path = hello; } ]) (writeTextDir "a/b" "c")
      (substituteAll { src = ./nixpkgs-cases.nix; a = 1; }) (mkShell { buildInputs = [ hello ]; shellHook = "x"; }) (closureInfo { rootPaths = [ hello ]; })
      (makeSetupHook { deps = [ hello ]; } (writeText "hook" "x")) (runCommandCC "cc" { } "x") (writeScript "s" "#!x") (concatText "c" [ (writeText "a" "b") ])
    ];
    more = paths [
      (buildFHSUserEnv { name = "f"; targetPkgs = p: [ p.hello ]; }) (vmTools.runInLinuxVM hello) (releaseTools.aggregate { name = "x"; constituents = [ hello ]; })
      (writers.writePython3 "x" { libraries = [ python3Packages.requests ]; } "import requests") (writers.writeBash "y" "x") (makeInitrd { contents = [ { object = hello; symlink = "/x"; } ]; })
      (appimageTools.wrapType2 { name = "a"; src = hello; }) (singularity-tools.buildImage { name = "s"; contents = [ hello ]; })
    ];
    fetchers = paths [
      (fetchurl { urls = [ "http://a/b" "mirror://gnu/c" ]; sha512 = lib.fakeSha512; }) (fetchzip { url = "http://a/b.zip"; sha256 = lib.fakeSha256; stripRoot = false; })
      (fetchgit { url = "http://a/b.git"; rev = "c"; sha256 = lib.fakeSha256; fetchSubmodules = true; }) (fetchFromGitLab { owner = "a"; repo = "b"; rev = "c"; hash = lib.fakeHash; })
      (fetchsvn { url = "http://a"; rev = 1; sha256 = lib.fakeSha256; }) (fetchhg { url = "http://a"; rev = "1"; sha256 = lib.fakeSha256; })
      (fetchpatch { url = "http://a/p"; sha256 = lib.fakeSha256; excludes = [ "x" ]; }) (requireFile { name = "r"; url = "http://a"; sha256 = lib.fakeSha256; })
      (fetchCrate { crateName = "a"; version = "1"; sha256 = lib.fakeSha256; }) (fetchMavenArtifact { groupId = "a"; artifactId = "b"; version = "1"; sha256 = lib.fakeSha256; })
    ];
    docker = paths (with dockerTools; [
      (buildImage { name = "a"; contents = [ hello ]; config.Cmd = [ "/bin/hello" ]; runAsRoot = "mkdir /x"; }) (streamLayeredImage { name = "c"; contents = hello; })
      (buildLayeredImage { name = "b"; contents = [ bash ]; config.Env = [ "A=b" ]; maxLayers = 10; }) (pullImage { imageName = "alpine"; imageDigest = "sha256:abc"; sha256 = lib.fakeSha256; })
    ]);
    docker-examples = lib.mapAttrs (_: each: each.drvPath) (lib.filterAttrs (_: lib.isDerivation) (dockerTools.examples));
    kernels = paths (with pkgs; [ linuxPackages.kernel linuxPackages_latest.kernel linuxPackages.nvidia_x11 linuxPackages.zfs linuxPackages_hardened.kernel linuxPackages.bcc linuxPackages.wireguard ]);
    sources = builtins.map toString [ (lib.cleanSource ./bench) (lib.sourceByRegex ./bench [ ".*\\.ts" ]) (builtins.path { path = ./bench; name = "b"; }) (lib.sourceFilesBySuffices ./. [ ".nix" ]) ];
  };
in
prefixed "nixos" machines
// prefixed "test" tests
// prefixed "cross" cross
// prefixed "crossed" crossed
// prefixed "system" systems
// prefixed "release" released
// prefixed "lib" libs
// prefixed "custom" customised
// prefixed "language" languages
// prefixed "build" builders

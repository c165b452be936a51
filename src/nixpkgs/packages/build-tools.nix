# What packages are built with: the shell and its tools, compilers, build systems, wrappers.
final: previous:
let
  inherit (previous) lib;
  inherit (final) debianPackages callPackage;
  debian = names: lib.genAttrs names (name: debianPackages.${name});
in
debian [
  "bash" "dash" "coreutils" "findutils" "diffutils" "gawk" "mawk" "patch" "gzip" "bzip2" "zip" "unzip" "file" "patchelf"
  "m4" "autoconf" "automake" "libtool" "bison" "flex" "gperf" "cmake" "cpio" "strace" "fakeroot" "bubblewrap"
  "proot" "libtool" "pigz" "zstd" "lz4" "lzip" "binutils"
] // {
  bashInteractive = final.bash;
  bash-completion = debianPackages.bash-completion;
  gnused = debianPackages.sed;
  gnugrep = debianPackages.grep;
  gnutar = debianPackages.tar;
  gnumake = debianPackages.make;
  xz = debianPackages.xz-utils;
  lzma = final.xz;
  p7zip = debianPackages.p7zip;
  gnupatch = final.patch;
  which = debianPackages.debianutils;
  gettext = debianPackages.gettext-base;
  ninja = debianPackages.ninja-build;
  meson = debianPackages.meson;
  autoreconfHook = callPackage ../build-support/hooks/autoreconf.nix { };
  cython = debianPackages.cython3;
  protobuf = debianPackages.protobuf-compiler;

  pkg-config-unwrapped = debianPackages.pkgconf;
  pkg-config = callPackage ../build-support/pkg-config.nix { };
  pkgconf = final.pkg-config;
  pkgconfig = final.pkg-config;

  gcc-unwrapped = debianPackages.gcc;
  gcc = callPackage ../build-support/cc-wrapper { cc = final.gcc-unwrapped; };
  gcc12 = final.gcc;
  cc = final.gcc;
  binutils-unwrapped = debianPackages.binutils;
  bintools = final.binutils;
  glibc = debianPackages.glibc // { dev = debianPackages.libc6-dev; bin = debianPackages.libc-bin; out = debianPackages.glibc; };
  libc = final.glibc;
  gfortran = debianPackages.gfortran;

  makeWrapper = final.makeSetupHook { name = "make-wrapper"; } ../build-support/make-wrapper.sh;
  makeShellWrapper = final.makeWrapper;
  makeBinaryWrapper = final.makeWrapper;
  installShellFiles = final.makeSetupHook { name = "install-shell-files"; } ../build-support/install-shell-files.sh;
  formats = callPackage ../build-support/formats.nix { };
  findXMLCatalogs = final.makeSetupHook { name = "find-xml-catalogs"; } ../build-support/empty-hook.sh;
  autoPatchelfHook = callPackage ../build-support/auto-patchelf { };

  fetchurl = callPackage ../build-support/fetchers/fetchurl.nix { };
  fetchurlBoot = final.fetchurl;
  fetchzip = callPackage ../build-support/fetchers/fetchzip.nix { };
  fetchFromGitHub = callPackage ../build-support/fetchers/github.nix { };
  fetchFromGitLab = callPackage ../build-support/fetchers/gitlab.nix { };
  fetchgit = callPackage ../build-support/fetchers/git.nix { };
  fetchPypi = callPackage ../build-support/fetchers/pypi.nix { };
  fetchpatch = { excludes ? [ ], includes ? [ ], revert ? false, stripLen ? 0, extraPrefix ? null, ... }@args:
    final.fetchurl (removeAttrs args [ "excludes" "includes" "revert" "stripLen" "extraPrefix" ]);
  fetchpatch2 = final.fetchpatch;
}

# The ground of the set: lib, the platform, callPackage, Debian's packages, the standard environments, trivial builders.
{ lib, hostPlatform, config, overlays, lock, reimport }:
final: _:
let
  system = hostPlatform.system;
  builtinDerivation = import ./build-support/builtin-derivation.nix { inherit lib system; };
  makeStdenv = import ./stdenv {
    inherit lib config hostPlatform system builtinDerivation;
    shell = final.runtimeShell;
    initialPath = with final; [ coreutils findutils diffutils gnused gnugrep gawk gnutar gzip bzip2 gnumake bash patch xz ];
  };
  trivial = import ./build-support/trivial.nix {
    inherit lib builtinDerivation;
    pkgs = final;
    inherit (final) stdenv stdenvNoCC runtimeShell;
  };
in
{
  inherit lib config system builtinDerivation;
  inherit (hostPlatform) go;
  inherit (lib) recurseIntoAttrs;
  pkgs = final;

  # One platform: what is built here runs here.
  inherit hostPlatform;
  buildPlatform = hostPlatform;
  targetPlatform = hostPlatform;
  buildPackages = final;
  targetPackages = final;
  pkgsBuildBuild = final;
  pkgsBuildHost = final;
  pkgsHostHost = final;
  pkgsHostTarget = final;
  pkgsi686Linux = reimport { system = "i686-linux"; };
  pkgsStatic = throw "pkgsStatic is not in the embedded package set: Debian's packages are linked dynamically (busybox is static)";
  pkgsMusl = throw "pkgsMusl is not in the embedded package set: Debian's packages use glibc";
  # Nothing is compiled to get a package of another processor, so "cross" is just another lock.
  pkgsCross = lib.mapAttrs (_: system: reimport { inherit system; }) {
    aarch64-multiplatform = "aarch64-linux";
    gnu64 = "x86_64-linux";
  };

  newScope = extra: lib.callPackageWith (final // final.xorg or { } // extra);
  callPackage = final.newScope { };
  callPackages = lib.callPackagesWith final;
  inherit (lib) makeOverridable makeScope;
  makeScopeWithSplicing = lib.makeScopeWithSplicing { } final.newScope;
  inherit overlays;
  appendOverlays = more: if more == [ ] then final else reimport { overlays = overlays ++ more; };
  extend = overlay: final.appendOverlays [ overlay ];
  splicePackages = { pkgsHostTarget ? final, ... }: pkgsHostTarget;

  # All of Debian's packages that are locked, by Debian's names: debianPackages."libpq5".
  debianPackages = import ./debian {
    inherit lib hostPlatform lock;
    inherit (final) writeText;
    recipes = import ./debian/recipes.nix { inherit lib; };
  };

  stdenvNoCC = makeStdenv { name = "stdenv-nocc-linux"; };
  stdenv = makeStdenv {
    name = "stdenv-linux";
    cc = final.gcc;
    extraNativeBuildInputs = [ final.patchelf ];
  };
  gccStdenv = final.stdenv;
  overrideCC = stdenv: cc: stdenv.override { inherit cc; };
  addAttrsToDerivation = extra: stdenv: stdenv // { mkDerivation = args: stdenv.mkDerivation (args // extra); };

  runtimeShell = "${final.bash}/bin/bash";
  runtimeShellPackage = final.bash;
  inherit (trivial) runCommand runCommandCC runCommandLocal runCommandNoCC runCommandNoCCLocal runCommandWith
    writeText writeTextFile writeTextDir writeScript writeScriptBin writeShellScript writeShellScriptBin writeShellApplication
    writers concatText concatTextFile concatScript symlinkJoin buildEnv linkFarm linkFarmFromDrvs onlyBin emptyFile
    emptyDirectory writeReferencesToFile writeClosure writeDirectReferencesToFile closureInfo replaceVars replaceVarsWith
    substitute substituteAll makeSetupHook mkShell mkShellNoCC requireFile srcOnly applyPatches;
}

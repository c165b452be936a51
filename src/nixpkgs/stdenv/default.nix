# The standard environments: `stdenv` has a C compiler, `stdenvNoCC` has none. A stdenv is a store path with one file,
# `setup`, that every build (and nix-shell) sources.
{ lib, config, hostPlatform, system, builtinDerivation, shell, initialPath }:
let
  make = { name, cc ? null, extraNativeBuildInputs ? [ ] }:
    let
      inputs = lib.optional (cc != null) cc ++ extraNativeBuildInputs;
      setup = builtins.replaceStrings
        [ "@storeDir@" "@initialPath@" "@shell@" "@defaultNativeBuildInputs@" ]
        [ builtins.storeDir (lib.makeBinPath initialPath) shell (lib.concatStringsSep " " (map toString inputs)) ]
        (builtins.readFile ./setup.sh);
      drv = builtinDerivation "symlink-tree" {
        inherit name;
        paths = [ ];
        files.setup = { text = setup; executable = false; };
      } { };
      stdenv = drv // {
        inherit cc shell initialPath config system hostPlatform extraNativeBuildInputs;
        buildPlatform = hostPlatform;
        targetPlatform = hostPlatform;
        defaultBuilder = builtins.toFile "default-builder.sh" (builtins.readFile ./default-builder.sh);
        mkDerivation = import ./make-derivation.nix { inherit lib config; } stdenv;
        hasCC = cc != null;
        defaultNativeBuildInputs = inputs;
        inherit (hostPlatform) isDarwin isLinux isx86_64 isAarch64 is64bit;
        isSunOS = false;
        isBSD = false;
        allowedRequisites = null;
        overrides = _: _: { };
        override = change: make ({ inherit name cc extraNativeBuildInputs; } // lib.intersectAttrs { name = 1; cc = 1; extraNativeBuildInputs = 1; } change);
        tests = { };
      };
    in
    stdenv;
in
make

# The embedded package set: what <nixpkgs> is where the user has no other. Attribute names and function signatures are
# nixpkgs' own, the programs are Debian's (debian/), everything else is written here. It evaluates under C++ Nix to the same
# derivations as under nixlet, wherever this directory lies.
#
#   lib/             functions                            python/         python3, python3Packages, buildPythonPackage
#   debian/          Debian's packages as store paths     docker-tools/   container images
#   stdenv/          mkDerivation and its shell code      packages/       which attribute is which package, by theme
#   build-support/   runCommand, fetchers, wrappers
{ system ? localSystem.system or localSystem
, localSystem ? builtins.currentSystem or "x86_64-linux"
, crossSystem ? null
, config ? { }
, overlays ? [ ]
, crossOverlays ? [ ]
  # Another lock, of the format of lock.ts: a path, or its value. `nixlet channel update` makes one for the user.
, debianLock ?
    let
      own = builtins.tryEval <nixlet-lock>;
    in
    if own.success then own.value else ./debian.lock.json
, ...
}:
let
  lib = import ./lib;

  # Images and store paths are Linux' whatever system nixlet runs on.
  linux = name: builtins.replaceStrings [ "-darwin" "-windows" ] [ "-linux" "-linux" ] name;
  wanted = if crossSystem == null then system else crossSystem.system or (lib.systems.elaborate crossSystem).system;
  hostPlatform = lib.systems.elaborate (linux wanted);

  config' =
    let
      given = if builtins.isPath config || builtins.isString config then import config else config;
    in
    if builtins.isFunction given then given { inherit lib; pkgs = final; } else given;

  layers = [
    (import ./stage.nix {
      inherit lib hostPlatform overlays;
      config = config';
      lock = if builtins.isAttrs debianLock then debianLock else builtins.fromJSON (builtins.readFile debianLock);
      reimport = args: import ./. ({ inherit system config overlays debianLock; } // args);
    })
    (import ./packages/build-tools.nix)
    (import ./packages/libraries.nix)
    (import ./packages/programs.nix)
    (import ./python)
    (import ./packages/containers.nix)
    (import ./packages/aliases.nix)
  ] ++ lib.optional (config' ? packageOverrides) (_: config'.packageOverrides) ++ overlays ++ crossOverlays;

  final = lib.fix (lib.foldl' (lower: overlay: lib.extends overlay lower) (_: { }) layers);
in
final

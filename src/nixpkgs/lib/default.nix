# lib: the functions that Nix expressions expect of nixpkgs, by theme. Names, argument orders and results are nixpkgs'
# own; the code is ours. Every theme is a function of the whole lib, so that themes may use each other lazily.
#
# `lib.strings.toUpper` and `lib.toUpper` are the same function: `exported` says what stands at the top.
let
  themes = {
    trivial = import ./trivial.nix;
    fixedPoints = import ./fixed-points.nix;
    attrsets = import ./attrsets.nix;
    lists = import ./lists.nix;
    strings = import ./strings.nix;
    stringsWithDeps = import ./strings-with-deps.nix;
    customisation = import ./customisation.nix;
    derivations = import ./derivations.nix;
    meta = import ./meta.nix;
    versions = import ./versions.nix;
    licenses = import ./licenses.nix;
    sourceTypes = import ./source-types.nix;
    maintainers = _: { };
    teams = _: { };
    systems = import ./systems.nix;
    platforms = { lib }: lib.systems.doubles;
    sources = import ./sources.nix;
    fileset = import ./fileset.nix;
    path = import ./path.nix;
    filesystem = import ./filesystem.nix;
    generators = import ./generators.nix;
    cli = import ./cli.nix;
    fetchers = import ./fetchers.nix;
    deprecated = import ./deprecated.nix;
    debug = import ./debug.nix;
    asserts = import ./asserts.nix;
  };

  # Not among the names at the top: themes whose names would hide ordinary ones.
  nested = [ "maintainers" "teams" "licenses" "sourceTypes" "platforms" "systems" "fileset" "path" "generators" "cli" "fetchers" ];

  make = extension:
    let
      parts = builtins.mapAttrs (_: theme: theme { inherit lib; }) themes;
      base = parts
        // builtins.foldl' (all: name: all // parts.${name}) { } (builtins.attrNames (removeAttrs themes nested))
        // {
          inherit (lib.cli) toGNUCommandLine toGNUCommandLineShell;
          inherit (lib.fetchers) fakeHash fakeSha256 fakeSha512;
          extend = overlay: make (lib.composeExtensions extension (lib.toExtension overlay));
        };
      lib = base // extension lib base;
    in
    lib;
in
make (_: _: { })

# Debian's packages as store paths: one derivation for each package of the lock (debian.lock.json), named as in the lock.
#
#   .deb file          a fixed-output download (builtin:fetchurl) from a mirror of the user's
#   unpacked package   builtin:unpack-deb: laid out without /usr, ELF files and scripts pointed at the store
#
# Neither needs a process, so all of this works on any operating system, for any architecture that is locked.
# `recipes` (recipes.nix) says what single packages need beyond that.
{ lib, hostPlatform, lock, recipes, writeText }:
let
  architecture = hostPlatform.debianArchitecture;
  triplet = hostPlatform.multiarch;
  locked = lock.architectures.${architecture}.packages or
    (throw "the embedded package set is not locked for ${hostPlatform.system}; it is for ${lib.concatStringsSep ", " (lib.attrNames lock.architectures)} (Debian's names)");

  # -- versions and names
  # "1:2.40-2+b1" -> "2.40": what the software's authors call it, in the characters of a store path.
  upstream = version:
    let
      noEpoch = lib.last (lib.splitString ":" version);
      parts = lib.splitString "-" noEpoch;
      kept = if builtins.length parts == 1 then noEpoch else lib.concatStringsSep "-" (lib.init parts);
      # "+dfsg", "~ds1": repackaged by Debian, not another version.
      plain = builtins.match "([^+~]*)[+~](dfsg|ds|really|git).*" kept;
    in
    builtins.replaceStrings [ "~" ] [ "-" ] (if plain == null then kept else builtins.head plain);

  fetchDeb = deb: derivation {
    name = builtins.replaceStrings [ "~" "%3a" ] [ "-" "-" ] (baseNameOf deb.file);
    system = "builtin";
    builder = "builtin:fetchurl";
    url = "mirror://debian/${deb.file}";
    urls = [ "mirror://debian/${deb.file}" ];
    outputHashMode = "flat";
    outputHashAlgo = "sha256";
    outputHash = deb.sha256;
    inherit (deb) size;
    preferLocalBuild = true;
    impureEnvVars = lib.fetchers.proxyImpureEnvVars;
    unpack = false;
    executable = false;
  };

  # -- dependencies
  # All keys that a package depends on, the direct ones first.
  closure = key: lib.tail (map (item: item.key) (builtins.genericClosure {
    startSet = [ { inherit key; } ];
    operator = item: map (name: { key = name; }) locked.${item.key}.depends;
  }));
  # What an interpreter of Debian's essential packages is called here; null where it would stand before itself.
  essential = {
    sh = [ "dash" "bin/dash" ];
    bash = [ "bash" "bin/bash" ];
  };
  interpretersOf = key:
    lib.genAttrs (locked.${key}.interpreters or [ ]) (name:
      let
        found = essential.${name};
        provider = lib.elemAt found 0;
      in
      if provider == key || lib.elem key (closure provider) then null else "${packages.${provider}}/${lib.elemAt found 1}");

  unpack = key: { pname, namePrefix, version, remove, links, fixups, compiledPaths, propagate, passthru, meta }@recipe:
    let
      entry = locked.${key};
      dependencies = closure key;
      drv = derivation {
        name = lib.sanitizeDerivationName "${namePrefix}${pname}-${version}";
        inherit (hostPlatform) system;
        builder = "builtin:unpack-deb";
        __structuredAttrs = true;
        preferLocalBuild = true;
        allowSubstitutes = false;
        inherit pname version triplet remove links fixups;
        # A list: the same paths in this package or in a dependency.
        compiledPaths = if builtins.isList compiledPaths then lib.genAttrs compiledPaths (_: null) else compiledPaths;
        debs = map (deb: { inherit (deb) package version; inherit architecture; file = fetchDeb deb; }) entry.debs;
        dependencies = map (name: packages.${name}) dependencies;
        interpreters = interpretersOf key;
        loader = if lib.elem "glibc" dependencies then "${packages.glibc}/${loaderPath}" else null;
        propagated = map (name: packages.${name}) propagate;
        # For programs in Python.
        pythonPath = map (name: packages.${name}) (lib.filter (name: locked.${name} ? pythonModules) dependencies);
      };
      change = f: unpack key (recipe // checkOverride (lib.toFunction f recipe));
      # A .deb is built already: what would change its build is an error rather than without effect.
      checkOverride = attrs:
        let
          impossible = lib.attrNames (removeAttrs attrs (lib.attrNames recipe ++ [ "meta" "passthru" ]));
        in
        lib.throwIf (impossible != [ ])
          "${pname} of the embedded package set is a binary of Debian's: overrideAttrs cannot change ${lib.concatStringsSep ", " impossible}. Put a package of your own beside it (runCommand, symlinkJoin, stdenv.mkDerivation)."
          attrs;
    in
    lib.extendDerivation true
      ({
        inherit pname version meta;
        inherit passthru;
        overrideAttrs = change;
        override = _: unpack key recipe;
        propagatedBuildInputs = map (name: packages.${name}) propagate;
        inherit (hostPlatform) system;
      } // passthru)
      drv;

  loaderPath =
    if architecture == "arm64" then "lib/${triplet}/ld-linux-aarch64.so.1"
    else if architecture == "amd64" then "lib/${triplet}/ld-linux-x86-64.so.2"
    else throw "no dynamic loader is known for ${architecture}";

  packages = lib.mapAttrs
    (key: entry:
      let
        version = upstream (lib.head entry.debs).version;
        isPythonModule = entry ? pythonModules && lib.hasPrefix "python3-" key;
        recipe = lib.toFunction (recipes.${key} or { }) context;
        context = { inherit packages version triplet writeText; inherit (entry) debs; };
      in
      unpack key {
        pname = recipe.pname or (if isPythonModule then lib.removePrefix "python3-" key else key);
        namePrefix = lib.optionalString isPythonModule "python3.11-";
        version = recipe.version or version;
        remove = recipes.unwanted ++ recipe.remove or [ ];
        links = recipe.links or { };
        fixups = recipe.fixups or [ ] ++ lib.optional (isLibrary key) "library-links";
        compiledPaths = recipe.compiledPaths or [ ];
        propagate = recipe.propagate or (propagatedBy key);
        passthru = recipe.passthru or { } // lib.optionalAttrs (entry ? pythonModules) { pythonModule = packages."python3.11"; } // { debian = { inherit key architecture; inherit (entry) debs; }; };
        meta = {
          platforms = lib.platforms.linux;
          sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
          outputsToInstall = [ "out" ];
          available = true;
          broken = false;
          unfree = false;
          insecure = false;
        } // recipe.meta or { };
      })
    locked;

  # By Debian's naming; and the C library.
  isLibrary = key: builtins.match "(lib.*|zlib1g.*|.*-dev|glibc)" key != null && !lib.hasSuffix "-perl" key;

  # Modules of an interpreted language and development files are of no use without what they depend on.
  propagatedBy = key:
    let
      modules = prefix: suffix: name: lib.hasPrefix prefix name && lib.hasSuffix suffix name;
    in
    if locked.${key} ? pythonModules then lib.filter (name: name == "python3.11" || locked.${name} ? pythonModules) locked.${key}.depends
    else if lib.hasSuffix "-dev" key then lib.filter (name: name != "glibc") locked.${key}.depends
    else if modules "lib" "-perl" key then lib.filter (name: name == "perl" || modules "lib" "-perl" name) locked.${key}.depends
    else [ ];
in
packages

# Names that older expressions still use.
{ lib }:
rec {
  replaceChars = builtins.replaceStrings;
  replicateString = lib.strings.replicate;
  mapAttrsFlatten = lib.mapAttrsToList;
  maybeEnv = name: default: let value = builtins.getEnv name; in if value == "" then default else value;
  nvs = lib.nameValuePair;
  setAttr = set: name: value: set // { ${name} = value; };
  zip = lib.zipAttrs;
  zipWithNames = lib.zipAttrsWithNames;
  imap = lib.imap1;
  canCleanSource = src: src ? _isLibCleanSourceWith || builtins.isPath src || !(builtins.hasContext (toString src));
  # A list of packages and what they propagate.
  closePropagation = packages:
    let
      items = map (package: { key = package.outPath; inherit package; }) (builtins.filter (one: one != null) packages);
    in
    map (item: item.package) (builtins.genericClosure {
      startSet = items;
      operator = { package, ... }: map (one: { key = one.outPath; package = one; })
        (builtins.filter (one: one != null) ((package.propagatedBuildInputs or [ ]) ++ (package.propagatedNativeBuildInputs or [ ])));
    });
}

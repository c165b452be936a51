# Directories, read during evaluation.
{ lib }:
rec {
  pathType = path: builtins.readFileType or
    (path: if path == /. then "directory" else (builtins.readDir (dirOf path)).${baseNameOf path}) path;
  pathIsDirectory = path: builtins.pathExists path && pathType path == "directory";
  pathIsRegularFile = path: builtins.pathExists path && pathType path == "regular";
  listFilesRecursive = dir: lib.flatten (lib.mapAttrsToList
    (name: type: if type == "directory" then listFilesRecursive (dir + "/${name}") else dir + "/${name}")
    (builtins.readDir dir));
  locateDominatingFile = pattern: file:
    let
      go = directory:
        let
          matches = builtins.filter (found: found != null) (map (builtins.match pattern) (builtins.attrNames (builtins.readDir directory)));
          parent = dirOf directory;
        in
        if matches != [ ] then { path = directory; matches = matches; }
        else if parent == directory then null
        else go parent;
    in
    go (if pathIsDirectory file then file else dirOf file);
  haskellPathsInDir = root: lib.mapAttrs (name: _: root + "/${name}")
    (lib.filterAttrs (name: type: type == "directory" && builtins.pathExists (root + "/${name}/${name}.cabal")) (builtins.readDir root));
  packagesFromDirectoryRecursive = { callPackage, directory, ... }:
    lib.concatMapAttrs
      (name: type:
        let path = directory + "/${name}"; in
        if type == "directory" then
          { ${name} = if builtins.pathExists (path + "/package.nix") then callPackage (path + "/package.nix") { } else packagesFromDirectoryRecursive { inherit callPackage; directory = path; }; }
        else lib.optionalAttrs (lib.hasSuffix ".nix" name) { ${lib.removeSuffix ".nix" name} = callPackage path { }; })
      (builtins.readDir directory);
  resolveDefaultNix = path: if pathIsDirectory path then path + "/default.nix" else path;
}

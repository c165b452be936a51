# File sets: parts of a directory put together with set operations and copied at the end (`toSource`).
# A set is a predicate over the paths of files; a directory is in the result when a file below it is.
{ lib }:
let
  make = contains: { _type = "fileset"; inherit contains; };
  coerce = where: x:
    if x._type or null == "fileset" then x
    else if x ? _isLibCleanSourceWith then
      make (path: type: lib.hasPrefix (toString x.origSrc + "/") path && x.filter path type)
    else if builtins.isPath x then
      (if builtins.pathExists x then
        (let base = toString x; in make (path: _: path == base || lib.hasPrefix (if base == "/" then "/" else base + "/") path))
      else throw "lib.fileset.${where}: ${toString x} is a path that does not exist. To create a file set from a path that may not exist, use `lib.fileset.maybeMissing`.")
    else throw "lib.fileset.${where}: the argument is of type ${builtins.typeOf x}, but it should be a file set or a path instead.";
  anyFile = set: directory:
    let
      entries = builtins.readDir directory;
    in
    lib.any
      (name:
        let path = directory + "/${name}"; in
        if entries.${name} == "directory" then anyFile set path else set.contains (toString path) entries.${name})
      (builtins.attrNames entries);
  listFiles = set: directory:
    lib.concatLists (lib.mapAttrsToList
      (name: type:
        let path = directory + "/${name}"; in
        if type == "directory" then listFiles set path else lib.optional (set.contains (toString path) type) path)
      (builtins.readDir directory));
in
rec {
  empty = make (_: _: false);
  maybeMissing = path: if builtins.pathExists path then coerce "maybeMissing" path else empty;
  fromSource = coerce "fromSource";
  union = a: b: unions [ a b ];
  unions = sets: let all = map (coerce "unions") sets; in make (path: type: lib.any (set: set.contains path type) all);
  intersection = a: b:
    let left = coerce "intersection" a; right = coerce "intersection" b; in
    make (path: type: left.contains path type && right.contains path type);
  difference = a: b:
    let left = coerce "difference" a; right = coerce "difference" b; in
    make (path: type: left.contains path type && !right.contains path type);
  fileFilter = predicate: path:
    let
      within = coerce "fileFilter" path;
    in
    make (file: type: within.contains file type && (let name = baseNameOf file; in predicate {
      inherit name type;
      hasExt = extension: lib.hasSuffix ".${extension}" name;
    }));
  gitTracked = path:
    let
      # What git keeps is its own business; a fetched tree without .git has exactly the tracked files.
      tracked = builtins.fetchGit { url = path; };
      base = toString path + "/";
    in
    make (file: _: lib.hasPrefix base file && builtins.pathExists "${tracked}/${lib.removePrefix base file}");
  gitTrackedWith = _: gitTracked;
  toList = set: if builtins.isPath set then lib.filesystem.listFilesRecursive set else throw "lib.fileset.toList needs a path here; use `toListIn`";
  toListIn = root: set: listFiles (coerce "toList" set) root;
  trace = set: value: builtins.trace "(a file set)" value;
  traceVal = set: set;
  toSource = { root, fileset }:
    let
      set = coerce "toSource" fileset;
    in
    lib.cleanSourceWith {
      name = "source";
      src = root;
      filter = path: type:
        if type == "directory" then anyFile set (root + (lib.removePrefix (toString root) (toString path)))
        else set.contains (toString path) type;
    };
}

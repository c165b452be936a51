# Paths as values, and relative paths as strings ("./a/b", called subpaths).
{ lib }:
let
  parts = text: builtins.filter (part: builtins.isString part && part != "" && part != ".") (builtins.split "/+" text);
  dotted = list: "./" + (if list == [ ] then "." else builtins.concatStringsSep "/" list);
  subpath = rec {
    isValid = text: builtins.isString text && text != "" && builtins.substring 0 1 text != "/" && !(builtins.elem ".." (parts text));
    normalise = text: assert lib.assertMsg (isValid text) "lib.path.subpath: '${toString text}' is not a valid subpath string"; dotted (parts text);
    components = text: assert isValid text; parts text;
    join = subpaths: normalise (builtins.concatStringsSep "/" ([ "." ] ++ subpaths));
  };
  deconstruct = path:
    let
      go = components: path: if path == dirOf path then { root = path; inherit components; } else go ([ (baseNameOf path) ] ++ components) (dirOf path);
    in
    go [ ] path;
in
{
  inherit subpath;
  append = path: text:
    assert lib.assertMsg (builtins.isPath path) "lib.path.append: the first argument is of type ${builtins.typeOf path}, but a path was expected";
    path + ("/" + subpath.normalise text);
  hasPrefix = a: b: let p = (deconstruct a).components; q = (deconstruct b).components; in lib.take (builtins.length p) q == p;
  removePrefix = a: b:
    let p = (deconstruct a).components; q = (deconstruct b).components; in
    if lib.take (builtins.length p) q == p then dotted (lib.drop (builtins.length p) q)
    else throw "lib.path.removePrefix: the first path argument \"${toString a}\" is not a component-wise prefix of the second path argument \"${toString b}\"";
  splitRoot = path: let found = deconstruct path; in { inherit (found) root; subpath = dotted found.components; };
  hasStorePathPrefix = path: lib.hasPrefix "${builtins.storeDir}/" (toString path);
}

# Attribute sets: access by path, mapping, folding, merging, and the outputs of derivations.
{ lib }:
let
  inherit (builtins) attrNames attrValues catAttrs concatMap elem foldl' getAttr hasAttr head isAttrs length listToAttrs
    mapAttrs tail zipAttrsWith;
in
rec {
  inherit (builtins) attrNames attrValues catAttrs getAttr hasAttr intersectAttrs isAttrs listToAttrs mapAttrs
    removeAttrs zipAttrsWith;

  # -- access by path
  attrByPath = path: default: set:
    if path == [ ] then set
    else if isAttrs set && hasAttr (head path) set then attrByPath (tail path) default set.${head path}
    else default;
  hasAttrByPath = path: set:
    path == [ ] || (isAttrs set && hasAttr (head path) set && hasAttrByPath (tail path) set.${head path});
  longestValidPathPrefix = path: set:
    if path != [ ] && isAttrs set && hasAttr (head path) set
    then [ (head path) ] ++ longestValidPathPrefix (tail path) set.${head path}
    else [ ];
  setAttrByPath = path: value: if path == [ ] then value else { ${head path} = setAttrByPath (tail path) value; };
  getAttrFromPath = path: attrByPath path (throw "cannot find attribute '${builtins.concatStringsSep "." path}'");
  updateManyAttrsByPath = updates: set:
    foldl' (result: { path, update }: updateAtPath path update result) set updates;
  updateAtPath = path: update: set:
    if path == [ ] then update set
    else set // { ${head path} = updateAtPath (tail path) update (set.${head path} or { }); };

  # -- choosing
  attrVals = names: set: map (name: set.${name}) names;
  getAttrs = names: set: lib.genAttrs names (name: set.${name});
  filterAttrs = predicate: set: removeAttrs set (builtins.filter (name: !predicate name set.${name}) (attrNames set));
  filterAttrsRecursive = predicate: set:
    listToAttrs (concatMap
      (name:
        let value = set.${name}; in
        if !predicate name value then [ ]
        else [ (nameValuePair name (if isAttrs value then filterAttrsRecursive predicate value else value)) ])
      (attrNames set));
  optionalAttrs = condition: set: if condition then set else { };
  findFirstAttr = predicate: default: set:
    lib.findFirst (value: predicate value) default (attrValues set);
  attrsToList = mapAttrsToList nameValuePair;
  partitionAttrs = predicate: set: {
    right = filterAttrs predicate set;
    wrong = filterAttrs (name: value: !predicate name value) set;
  };

  # -- folding and mapping
  foldAttrs = op: start: sets: zipAttrsWith (_: values: lib.foldr op start values) sets;
  foldlAttrs = f: start: set: foldl' (acc: name: f acc name set.${name}) start (attrNames set);
  collect = predicate: set:
    if predicate set then [ set ]
    else if isAttrs set then concatMap (collect predicate) (attrValues set)
    else [ ];
  cartesianProduct = sets:
    foldl' (done: name: concatMap (one: map (value: one // { ${name} = value; }) sets.${name}) done) [ { } ] (attrNames sets);
  cartesianProductOfSets = cartesianProduct;
  mapCartesianProduct = f: sets: map f (cartesianProduct sets);
  nameValuePair = name: value: { inherit name value; };
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  concatMapAttrs = f: set: foldl' (all: one: all // one) { } (mapAttrsToList f set);
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond = condition: f:
    let
      go = path: mapAttrs (name: value:
        let here = path ++ [ name ]; in
        if isAttrs value && condition value then go here value else f here value);
    in
    go [ ];
  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (_: _: true);
  mapAttrsToListRecursiveCond = condition: f: set:
    let
      go = path: set: concatMap
        (name:
          let
            here = path ++ [ name ];
            value = set.${name};
          in
          if isAttrs value && condition here value then go here value else [ (f here value) ])
        (attrNames set);
    in
    go [ ] set;
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  genAttrs' = names: f: listToAttrs (map f names);

  # -- merging
  zipAttrsWithNames = names: f: sets: genAttrs names (name: f name (catAttrs name sets));
  zipAttrs = zipAttrsWith (_: values: values);
  mergeAttrsList = sets:
    let
      # Halves rather than one after the other: a set is copied once for each doubling.
      go = from: to:
        if to - from == 0 then { }
        else if to - from == 1 then builtins.elemAt sets from
        else let middle = (from + to) / 2; in go from middle // go middle to;
    in
    go 0 (length sets);
  recursiveUpdateUntil = stop: a: b:
    let
      go = path: zipAttrsWith (name: values:
        let here = path ++ [ name ]; in
        if length values == 1 || stop here (builtins.elemAt values 1) (head values) then head values else go here values);
    in
    go [ ] [ b a ];
  recursiveUpdate = recursiveUpdateUntil (_: a: b: !(isAttrs a && isAttrs b));
  matchAttrs = pattern: set:
    isAttrs set && builtins.all
      (name: hasAttr name set && (if isAttrs pattern.${name} then matchAttrs pattern.${name} set.${name} else pattern.${name} == set.${name}))
      (attrNames pattern);
  overrideExisting = old: new: mapAttrs (name: value: new.${name} or value) old;
  unionOfDisjoint = a: b:
    let
      common = attrNames (builtins.intersectAttrs a b);
    in
    if common == [ ] then a // b else (a // b) // genAttrs common (name: throw "unionOfDisjoint: '${name}' is in both sets");
  showAttrPath = path: if path == [ ] then "<root attribute path>" else lib.concatMapStringsSep "." lib.strings.escapeNixIdentifier path;

  # -- derivations
  isDerivation = x: x.type or null == "derivation";
  toDerivation = path:
    let
      storePath = builtins.storePath path;
    in
    {
      type = "derivation";
      name = builtins.unsafeDiscardStringContext (builtins.substring 33 (-1) (baseNameOf storePath));
      outPath = storePath;
      outputs = [ "out" ];
      outputName = "out";
      out = toDerivation path;
    };
  getOutput = output: package:
    if package.outputSpecified or false then package else package.${output} or package.out or package;
  getFirstOutput = candidates: package:
    if package.outputSpecified or false then package
    else
      let found = lib.findFirst (name: package ? ${name}) null candidates; in
      if found == null then package.out or package else package.${found};
  getBin = getOutput "bin";
  getLib = getFirstOutput [ "lib" "out" ];
  getStatic = getFirstOutput [ "static" "lib" "out" ];
  getDev = getOutput "dev";
  getInclude = getFirstOutput [ "include" "dev" "out" ];
  getMan = getOutput "man";
  chooseDevOutputs = map getDev;
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };
}

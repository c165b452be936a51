# Functions that can be called again with other arguments: override, overrideAttrs, callPackage, scopes.
{ lib }:
let
  inherit (builtins) attrNames functionArgs intersectAttrs isAttrs isFunction mapAttrs;
in
rec {
  # The result of f, with `override newArgs` that calls f again with the arguments changed; the overridden result keeps
  # overrideAttrs and overrideDerivation.
  makeOverridable = f:
    let
      keepArguments = lib.mirrorFunctionArgs f;
    in
    keepArguments (args:
      let
        result = f args;
        changed = new: args // (if lib.isFunction new then new args else new);
        again = change: makeOverridable (keepArguments (args: change (f args))) args;
        override = keepArguments (new: makeOverridable f (changed new));
      in
      if isAttrs result then
        result // {
          inherit override;
          overrideDerivation = change: again (one: overrideDerivation one change);
        } // lib.optionalAttrs (result ? overrideAttrs) {
          overrideAttrs = change: again (one: one.overrideAttrs change);
        }
      else if isFunction result then lib.setFunctionArgs result (functionArgs result) // { inherit override; }
      else result);

  # A derivation with its attributes changed by f: the old way, which sees nothing but derivation arguments.
  overrideDerivation = drv: f:
    let
      new = derivation (drv.drvAttrs // f drv);
    in
    lib.flip extendDerivation' new (lib.optionalAttrs (drv ? meta) { inherit (drv) meta; }
      // lib.optionalAttrs (drv ? passthru) (drv.passthru // { inherit (drv) passthru; }));
  extendDerivation' = extra: drv: extendDerivation true extra drv;

  # Adds attributes to a derivation and to each of its outputs, and a condition that must hold before it is used.
  extendDerivation = condition: extra: drv:
    let
      outputs = drv.outputs or [ "out" ];
      common = drv // lib.genAttrs outputs (name: output name) // { all = map (name: whole.${name}) outputs; } // extra;
      output = name: common // {
        inherit (drv.${name}) type outputName;
        outputSpecified = true;
        drvPath = assert condition; drv.${name}.drvPath;
        outPath = assert condition; drv.${name}.outPath;
      } // lib.optionalAttrs (extra ? passthru) { inherit (extra) passthru; };
      whole = common // { drvPath = assert condition; drv.drvPath; outPath = assert condition; drv.outPath; };
    in
    whole;
  hydraJob = drv: drv;
  lazyDerivation = { derivation, meta ? null, passthru ? { }, outputs ? [ "out" ] }:
    passthru // { type = "derivation"; inherit meta outputs; }
    // lib.genAttrs ([ "outPath" "drvPath" "name" "system" "outputName" ] ++ outputs) (name: derivation.${name});

  # Calls a function (or the file that holds one) with those of the set's attributes that it asks for.
  callPackageWith = set: fileOrFunction: args:
    let
      f = if lib.isFunction fileOrFunction then fileOrFunction else import fileOrFunction;
      wanted = lib.functionArgs f;
      missing = builtins.filter (name: !(wanted.${name} || set ? ${name} || args ? ${name})) (attrNames wanted);
      name = builtins.head missing;
      similar = lib.take 3 (builtins.filter (other: lib.levenshteinAtMost 2 name other) (attrNames set));
      position = builtins.unsafeGetAttrPos name wanted;
      where = if position == null then "" else " at ${position.file}:${toString position.line}";
    in
    if missing == [ ] then makeOverridable f (intersectAttrs wanted set // args)
    else
      abort ("lib.customisation.callPackageWith: Function called without required argument \"${name}\"${where}"
        + lib.optionalString (similar != [ ]) ", did you mean ${lib.concatMapStringsSep " or " (one: "\"${one}\"") similar}?");

  # The same for a function whose result is a set of packages: `override` on every one of them.
  callPackagesWith = set: fileOrFunction: args:
    let
      f = if lib.isFunction fileOrFunction then fileOrFunction else import fileOrFunction;
      given = intersectAttrs (lib.functionArgs f) set // args;
    in
    mapAttrs (name: _: makeOverridable (lib.mirrorFunctionArgs f (args: (f args).${name})) given)
      (removeAttrs (f given) [ "override" "overrideDerivation" ]);

  # A set of packages that know each other: callPackage looks in it first.
  makeScope = newScope: f:
    let
      self = f self // {
        newScope = extra: newScope (self // extra);
        callPackage = self.newScope { };
        overrideScope = change: makeScope newScope (lib.extends change f);
        overrideScope' = change: makeScope newScope (lib.extends (final: previous: change final previous) f);
        packages = f;
      };
    in
    self;
  makeScopeWithSplicing = splice: newScope: _other: keep: extra: f:
    let self = makeScope newScope f; in self // keep self // extra self;
  makeScopeWithSplicing' = { newScope, ... }: { f, ... }: makeScope newScope f;

  # A constructor `fpargs: derivation` out of another one, with the arguments first changed by a function of the fixed point.
  extendMkDerivation = { constructDrv, excludeDrvArgNames ? [ ], extendDrvArgs, inheritFunctionArgs ? true, transformDrv ? lib.id }:
    lib.setFunctionArgs
      (given: transformDrv (constructDrv (final:
        let args = lib.toFunction given final; in
        removeAttrs args excludeDrvArgNames // extendDrvArgs final args)))
      (lib.optionalAttrs inheritFunctionArgs (lib.functionArgs constructDrv) // lib.functionArgs (extendDrvArgs { }));
}

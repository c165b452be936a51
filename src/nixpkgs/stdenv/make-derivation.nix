# stdenv.mkDerivation: from a package's attributes to a derivation that runs setup.sh's phases.
#
# Every attribute becomes an environment variable of the build, save those that only Nix code looks at (meta, passthru,
# ...). Dependencies are taken by their development output. `finalAttrs: { }` sees the attributes after all overrides.
{ lib, config }:
stdenv:
let
  dependencyNames = [
    "depsBuildBuild" "nativeBuildInputs" "depsBuildTarget" "depsHostHost" "buildInputs" "depsTargetTarget"
    "depsBuildBuildPropagated" "propagatedNativeBuildInputs" "depsBuildTargetPropagated" "depsHostHostPropagated"
    "propagatedBuildInputs" "depsTargetTargetPropagated"
  ];
  notForTheBuild = [
    "meta" "passthru" "pos" "env" "checkInputs" "installCheckInputs" "nativeCheckInputs" "nativeInstallCheckInputs"
    "__darwinAllowLocalNetworking" "__impureHostDeps" "__propagatedImpureHostDeps" "sandboxProfile" "propagatedSandboxProfile"
    "hardeningEnable" "hardeningDisable"
  ];

  describe = attrs: attrs.name or "${attrs.pname or "«name-missing»"}-${attrs.version or "«version-missing»"}";

  # nixpkgs' conditions for using a package at all, as far as this set has them.
  mayBeUsed = attrs:
    let
      meta = attrs.meta or { };
      unfree = lib.any (license: lib.isAttrs license && !(license.free or true)) (lib.toList (meta.license or [ ]));
      allowedUnfree = config.allowUnfree or (builtins.getEnv "NIXPKGS_ALLOW_UNFREE" == "1") || (config.allowUnfreePredicate or (_: false)) attrs;
      issues = meta.knownVulnerabilities or [ ];
      allowedInsecure = config.allowInsecure or false || lib.elem (describe attrs) (config.permittedInsecurePackages or [ ]);
      refuse = reason: why: throw "Package ‘${describe attrs}’ ${reason}, refusing to evaluate.\n\n${why}";
    in
    if unfree && !allowedUnfree then
      refuse "has an unfree license" "To allow it: import <nixpkgs> { config.allowUnfree = true; }"
    else if meta.broken or false && !(config.allowBroken or false) then
      refuse "is marked as broken" "To try it all the same: import <nixpkgs> { config.allowBroken = true; }"
    else if issues != [ ] && !allowedInsecure then
      refuse "is marked as insecure" "Known issues:\n${lib.concatMapStrings (issue: " - ${issue}\n") issues}\nTo allow it: import <nixpkgs> { config.permittedInsecurePackages = [ \"${describe attrs}\" ]; }"
    else true;

  dependency = where: x:
    if x == null || x == false then [ ]
    else if lib.isList x then lib.concatMap (dependency where) x
    else if lib.isAttrs x || lib.isString x || builtins.isPath x then [ (lib.getDev x) ]
    else throw "Dependency is not of a valid type: element of ${where}: a ${builtins.typeOf x}";

  fix = f:
    let
      attrs = f (attrs // { inherit finalPackage; overrideAttrs = change: fix (lib.extends (lib.toExtension change) f); });
      finalPackage = make f attrs;
    in
    finalPackage;

  make = f: attrs:
    let
      doCheck = attrs.doCheck or false;
      doInstallCheck = attrs.doInstallCheck or false;
      outputs = attrs.outputs or [ "out" ];
      inputs = lib.genAttrs dependencyNames (name: lib.concatMap (dependency name) (lib.toList (attrs.${name} or [ ])));
      checkInputs = lib.optionals doCheck (attrs.checkInputs or [ ] ++ attrs.nativeCheckInputs or [ ])
        ++ lib.optionals doInstallCheck (attrs.installCheckInputs or [ ] ++ attrs.nativeInstallCheckInputs or [ ]);
      structured = attrs.__structuredAttrs or false;
      env = attrs.env or { };
      # With structured attributes `env` stays a set of its own; without, it joins the others.
      environment = lib.mapAttrs
        (name: value:
          lib.throwIfNot (lib.isString value || builtins.isBool value || builtins.isInt value || builtins.isPath value || lib.isDerivation value)
            "The ‘env’ attribute set can only contain derivation, string, boolean or integer attributes. The ‘${name}’ attribute is of type ${builtins.typeOf value}."
            value)
        env;
      clash = lib.attrNames (lib.intersectAttrs env (removeAttrs attrs [ "env" ]));
      list = value: if builtins.isList value || value == null then value else [ value ];

      arguments = lib.throwIf (lib.isAttrs env && !lib.isDerivation env && clash != [ ] && !structured)
        "The ‘env’ attribute set cannot contain any attributes passed to derivation. The following attributes are overlapping: ${lib.concatStringsSep ", " clash}"
        (removeAttrs attrs notForTheBuild
        // (if lib.isDerivation env || lib.isString env then { inherit env; } else if structured then { env = environment; } else environment)
        // inputs
        // {
          name = lib.sanitizeDerivationName (attrs.name or (
            if attrs ? pname && attrs ? version then "${attrs.pname}-${attrs.version}"
            else attrs.pname or (throw "mkDerivation needs `name`, or `pname` and `version`")));
          inherit (stdenv.hostPlatform) system;
          inherit outputs stdenv doCheck doInstallCheck;
          builder = attrs.realBuilder or stdenv.shell;
          args = attrs.args or [ "-e" (attrs.builder or stdenv.defaultBuilder) ];
          nativeBuildInputs = inputs.nativeBuildInputs ++ lib.concatMap (dependency "checkInputs") checkInputs;
          strictDeps = attrs.strictDeps or false;
          patches = list (attrs.patches or [ ]);
          configureFlags = attrs.configureFlags or [ ];
          cmakeFlags = attrs.cmakeFlags or [ ];
          mesonFlags = attrs.mesonFlags or [ ];
          __ignoreNulls = true;
        }
        // lib.optionalAttrs (attrs.enableParallelBuilding or false) {
          enableParallelChecking = attrs.enableParallelChecking or true;
          enableParallelInstalling = attrs.enableParallelInstalling or true;
        });

      position =
        if attrs ? pos then attrs.pos
        else if attrs.meta.description or null != null then builtins.unsafeGetAttrPos "description" attrs.meta
        else if attrs ? version then builtins.unsafeGetAttrPos "version" attrs
        else builtins.unsafeGetAttrPos "name" attrs;
      meta = {
        name = arguments.name;
        outputsToInstall = [ (if lib.elem "bin" outputs then "bin" else if lib.elem "out" outputs then "out" else lib.head outputs) ]
          ++ lib.optional (lib.elem "man" outputs) "man";
        available = true;
        broken = false;
        unfree = false;
        insecure = false;
      } // lib.optionalAttrs (position != null) { position = "${position.file}:${toString position.line}"; }
        // attrs.meta or { };
      passthru = attrs.passthru or { };
    in
    assert mayBeUsed attrs;
    lib.extendDerivation true
      (passthru // {
        inherit meta passthru;
        overrideAttrs = change: fix (lib.extends (lib.toExtension change) f);
        # For nix-shell: the inputs of a package, as a derivation that does nothing.
        inputDerivation = derivation (removeAttrs arguments [ "outputHash" "outputHashAlgo" "outputHashMode" "allowedReferences" "allowedRequisites" "disallowedReferences" "disallowedRequisites" ] // {
          name = "${arguments.name}-inputs";
          outputs = [ "out" ];
          args = [ "-c" "export > $out" ];
        });
        inherit (arguments) nativeBuildInputs buildInputs propagatedBuildInputs propagatedNativeBuildInputs;
        # What was given, for overrides that look at it.
        inherit stdenv;
      } // lib.optionalAttrs (attrs ? src) { inherit (attrs) src; }
        // lib.optionalAttrs (attrs ? version) { inherit (attrs) version; }
        // lib.optionalAttrs (attrs ? pname) { inherit (attrs) pname; })
      (derivation arguments);
in
fnOrAttrs: fix (lib.toFunction fnOrAttrs)

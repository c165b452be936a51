# buildPythonPackage and buildPythonApplication. Whatever the source says (setup.py or pyproject.toml), a wheel is built
# through the interface of PEP 517 and installed; programs get the module directories of their dependencies written in, so
# that they work without any environment and need nothing but Python at run time.
{ lib, final, python, packages, setuptools, wheel, installer }:
let
  hookSubstitutions = {
    python = python.interpreter;
    pythonRoot = "${python}";
    inherit (python) sitePackages;
    buildWheel = builtins.toFile "build-wheel.py" (builtins.readFile ./build-wheel.py);
    installWheel = builtins.toFile "install-wheel.py" (builtins.readFile ./install-wheel.py);
    wrapPrograms = builtins.toFile "wrap-programs.py" (builtins.readFile ./wrap-programs.py);
  };

  # -- the build system, where the caller does not name it: what pyproject.toml of a local source asks for
  localSource = src: if builtins.isPath src then src else if src ? _isLibCleanSourceWith then src.origSrc else null;
  requirementName = requirement: lib.toLower (builtins.replaceStrings [ "_" "." ] [ "-" "-" ] (lib.head (builtins.match "[[:space:]]*([A-Za-z0-9._-]+).*" requirement)));
  requiredBuildSystem = src:
    let
      root = localSource src;
      file = root + "/pyproject.toml";
      requires =
        if root != null && lib.pathIsDirectory root && builtins.pathExists file
        then (fromTOML (builtins.readFile file)).build-system.requires or [ ]
        else [ ];
    in
    lib.concatMap (requirement: let name = requirementName requirement; in lib.optional (packages ? ${name}) packages.${name}) requires;

  # -- a compiler only where there may be something to compile: it is four times the size of everything else
  compiled = [ ".c" ".cc" ".cpp" ".cxx" ".pyx" ".f" ".f90" ".rs" ".h" ];
  mayNeedCompiler = src:
    let
      root = localSource src;
      inDirectory = directory: lib.any (name: name) (lib.mapAttrsToList
        (name: type:
          if type == "directory" then !(lib.elem name [ ".git" "node_modules" "__pycache__" ".venv" "venv" ]) && inDirectory (directory + "/${name}")
          else lib.any (suffix: lib.hasSuffix suffix name) compiled)
        (builtins.readDir directory));
    in
    root == null || !lib.pathIsDirectory root || inDirectory root;

  notForTheBuild = [
    "disabled" "checkPhase" "checkInputs" "nativeCheckInputs" "doCheck" "dontWrapPythonPrograms" "dontUsePythonCatchConflicts" "namePrefix" "format" "pyproject"
    "build-system" "dependencies" "optional-dependencies" "disabledTestPaths" "disabledTests" "pytestFlags" "stdenv" "catchConflicts"
    "dontUseSetuptoolsCheck" "pythonRelaxDeps" "pythonRemoveDeps"
  ];

  build = defaultPrefix: isApplication: attrs:
    let
      namePrefix = attrs.namePrefix or defaultPrefix;
      format =
        if attrs.format or null != null then attrs.format
        else if attrs ? pyproject then (if attrs.pyproject == null || attrs.pyproject == false then "other" else "pyproject")
        else "setuptools";
      builds = lib.elem format [ "setuptools" "pyproject" "flit" ];
      installs = builds || format == "wheel";
      src = attrs.src or null;

      named = attrs.build-system or [ ] ++ attrs.nativeBuildInputs or [ ];
      buildSystem =
        if !builds then [ ]
        else if attrs ? build-system then attrs.build-system
        else if format == "setuptools" then [ setuptools wheel ] ++ requiredBuildSystem src
        else if attrs.nativeBuildInputs or [ ] == [ ] then
          (let found = requiredBuildSystem src; in if found == [ ] then [ setuptools wheel ] else found)
        else [ ];
      # setuptools' own backend makes wheels with the help of `wheel`.
      helpers = lib.optional (lib.elem setuptools (buildSystem ++ named)) wheel;
      dependencies = attrs.dependencies or [ ] ++ attrs.propagatedBuildInputs or [ ];
      doCheck = attrs.doCheck or true;
      checkInputs = attrs.nativeCheckInputs or [ ] ++ attrs.checkInputs or [ ];
      hasCheck = doCheck && (attrs ? checkPhase || checkInputs != [ ] || attrs ? installCheckPhase);
      imports = attrs.pythonImportsCheck or [ ];

      compiles = format == "other" || mayNeedCompiler src;
      stdenv = attrs.stdenv or (if compiles then final.stdenv else final.stdenvNoCC);

      drv = stdenv.mkDerivation (removeAttrs attrs notForTheBuild // {
        name = namePrefix + attrs.name or "${attrs.pname}-${attrs.version}";
        nativeBuildInputs = [ python packages.wrapPython ]
          ++ lib.optional builds packages.pypaBuildHook
          ++ lib.optionals installs [ packages.pypaInstallHook installer ]
          ++ lib.optional (imports != [ ]) packages.pythonImportsCheckHook
          ++ lib.optional (lib.hasSuffix "zip" (src.name or "")) final.unzip
          ++ lib.optional (installs && compiles && stdenv.hasCC) final.debianPackages.python3-dev
          ++ lib.unique (buildSystem ++ helpers)
          ++ attrs.nativeBuildInputs or [ ]
          ++ lib.optionals hasCheck checkInputs;
        propagatedBuildInputs = dependencies ++ [ python ];
        # Debian's modules were built like this too.
        LANG = attrs.LANG or "C.UTF-8";
        strictDeps = attrs.strictDeps or false;
        doCheck = false;
        doInstallCheck = hasCheck || imports != [ ];
        postFixup = lib.optionalString (!(attrs.dontWrapPythonPrograms or false)) ''
          wrapPythonPrograms
        '' + attrs.postFixup or "";
        outputs = attrs.outputs or [ "out" ];
        passthru = lib.optionalAttrs (!isApplication) { pythonModule = python; } // {
          inherit python;
          pythonPath = [ ];
          optional-dependencies = attrs.optional-dependencies or { };
          requiredPythonModules = packages.requiredPythonModules dependencies;
        } // attrs.passthru or { };
        meta = { platforms = lib.platforms.linux; isBuildPythonPackage = lib.platforms.linux; } // attrs.meta or { };
      }
      // lib.optionalAttrs (attrs ? checkPhase || (hasCheck && !(attrs ? installCheckPhase))) {
        # A module is tested as it is installed. Hooks put their phase here, too.
        installCheckPhase = attrs.checkPhase or attrs.installCheckPhase or "runHook preInstallCheck\nrunPythonChecks\nrunHook postInstallCheck\n";
      }
      // lib.optionalAttrs (attrs ? disabledTests) { inherit (attrs) disabledTests; }
      // lib.optionalAttrs (attrs ? disabledTestPaths) { inherit (attrs) disabledTestPaths; }
      // lib.optionalAttrs (attrs ? pytestFlags) { inherit (attrs) pytestFlags; }
      // lib.optionalAttrs (!builds && !(attrs ? buildPhase)) { dontBuild = true; }
      // lib.optionalAttrs installs { dontConfigure = attrs.dontConfigure or true; });
    in
    lib.throwIf (attrs.disabled or false) "${attrs.name or "${attrs.pname}-${attrs.version}"} not supported for interpreter ${python.executable}"
      drv;

  # `buildPythonPackage { }` and `buildPythonPackage (finalAttrs: { })`; overridePythonAttrs changes what was given here.
  constructor = prefix: isApplication: given:
    let
      attrs = lib.fix (lib.toFunction given);
      drv = build prefix isApplication attrs;
    in
    drv // {
      overridePythonAttrs = change: constructor prefix isApplication (attrs // lib.toFunction change attrs);
      override = change: constructor prefix isApplication (attrs // lib.toFunction change attrs);
    };
in
{
  inherit hookSubstitutions;
  buildPythonPackage = lib.setFunctionArgs (constructor "python3.11-" false) { };
  buildPythonApplication = lib.setFunctionArgs (constructor "" true) { };
}

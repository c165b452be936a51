# python3Packages: Debian's Python modules under nixpkgs' names, and the functions that make packages.
{ final, python, extensions }:
let
  inherit (final) lib debianPackages;

  # Debian's name without "python3-", where it is not nixpkgs' attribute.
  renamed = {
    yaml = "pyyaml";
    bs4 = "beautifulsoup4";
    pil = "pillow";
    dateutil = "python-dateutil";
    sklearn = "scikit-learn";
    jwt = "pyjwt";
    openssl = "pyopenssl";
    nacl = "pynacl";
    zmq = "pyzmq";
    tz = "pytz";
    attr = "attrs";
    magic = "python-magic";
    websocket = "websocket-client";
    multipart = "python-multipart";
    dotenv = "python-dotenv";
    socks = "pysocks";
    serial = "pyserial";
    git = "gitpython";
    gitlab = "python-gitlab";
    github = "pygithub";
    slugify = "python-slugify";
    kafka = "kafka-python";
    vcr = "vcrpy";
    # Debian builds it under the name that does not hide PyCrypto.
    pycryptodome = "pycryptodomex";
    memcache = "python-memcached";
    "zope.interface" = "zope-interface";
    "zope.event" = "zope-event";
    "ruamel.yaml" = "ruamel-yaml";
    "ruamel.yaml.clib" = "ruamel-yaml-clib";
    markdown-it = "markdown-it-py";
  };

  # Not all have "python3-": black, flit, httpie.
  modules = lib.filterAttrs (_: package: package ? pythonModule) debianPackages;
  debian = lib.mapAttrs'
    (name: package: let plain = lib.removePrefix "python3-" name; in lib.nameValuePair (renamed.${plain} or plain) package)
    modules;
  # flask-cors and flask_cors, zope.interface and zope-interface.
  spellings = lib.concatMapAttrs
    (name: package: lib.optionalAttrs (builtins.match ".*[-.].*" name != null) { ${builtins.replaceStrings [ "-" "." ] [ "_" "_" ] name} = package; })
    debian;

  base = self:
    let
      callPackage = final.newScope self;
      build = import ./build-package.nix { inherit lib final python; inherit (self) setuptools wheel installer; packages = self; };
    in
    spellings // debian // {
      inherit python callPackage;
      inherit (build) buildPythonPackage buildPythonApplication;
      inherit (final) fetchPypi pkgs lib stdenv;
      callPackages = lib.callPackagesWith (final // self);
      newScope = extra: final.newScope (self // extra);
      pythonPackages = self;
      overrideScope = change: (python.override (old: { packageOverrides = lib.composeExtensions old.packageOverrides change; })).pkgs;
      inherit (python) pythonAtLeast pythonOlder isPy27 isPy2 isPy3 isPy3k isPyPy isPy38 isPy39 isPy310 isPy311 isPy312 sitePackages pythonVersion;
      isPy36 = false;
      isPy37 = false;

      # -- about modules
      hasPythonModule = drv: drv ? pythonModule;
      # All modules that packages need at run time, themselves included, and the interpreter.
      requiredPythonModules = packages:
        let
          items = map (package: { key = package.outPath; inherit package; });
          isModule = package: package ? pythonModule;
        in
        lib.optional (packages != [ ]) python
        ++ map (item: item.package) (builtins.genericClosure {
          startSet = items (lib.filter isModule (lib.flatten packages));
          operator = { package, ... }: items (lib.filter isModule (package.propagatedBuildInputs or [ ]));
        });
      makePythonPath = packages:
        lib.concatStringsSep ":" (lib.concatMap
          (package: [ "${package}/lib/python3.11/site-packages" "${package}/lib/python3/dist-packages" ])
          (lib.filter (package: package ? pythonModule) (self.requiredPythonModules packages)));
      # A package that was built another way, to be used as a module; and the reverse.
      toPythonModule = drv: drv // { pythonModule = python; pythonPath = [ ]; passthru = drv.passthru or { } // { pythonModule = python; }; };
      toPythonApplication = drv: removeAttrs drv [ "pythonModule" ] // { passthru = removeAttrs (drv.passthru or { }) [ "pythonModule" ]; };
      removePythonPrefix = name: lib.removePrefix "python3.11-" name;
      mkPythonMetaPackage = args: self.buildPythonPackage (args // { format = "other"; dontUnpack = true; installPhase = "mkdir -p $out"; });

      # -- hooks
      wrapPython = final.makeSetupHook { name = "wrap-python-hook"; substitutions = build.hookSubstitutions; } ./hooks/wrap.sh;
      pypaBuildHook = final.makeSetupHook { name = "pypa-build-hook"; substitutions = build.hookSubstitutions; } ./hooks/build.sh;
      pypaInstallHook = final.makeSetupHook { name = "pypa-install-hook"; substitutions = build.hookSubstitutions; } ./hooks/install.sh;
      pythonImportsCheckHook = final.makeSetupHook { name = "python-imports-check-hook"; substitutions = build.hookSubstitutions; } ./hooks/imports-check.sh;
      pytestCheckHook = final.makeSetupHook { name = "pytest-check-hook"; propagatedBuildInputs = [ self.pytest ]; substitutions = build.hookSubstitutions; } ./hooks/pytest-check.sh;
      unittestCheckHook = final.makeSetupHook { name = "unittest-check-hook"; substitutions = build.hookSubstitutions; } ./hooks/unittest-check.sh;
      setuptoolsBuildHook = self.pypaBuildHook;
      pipInstallHook = self.pypaInstallHook;
      setuptoolsCheckHook = self.unittestCheckHook;
      pythonRelaxDepsHook = final.makeSetupHook { name = "python-relax-deps-hook"; } ../build-support/empty-hook.sh;

      # -- names that mean another package, or nothing any more
      dataclasses = null;
      typing = null;
      enum34 = null;
      futures = null;
      setuptools_scm = self.setuptools-scm;
      flit-core = debianPackages.flit;
      cython = debianPackages.cython3;
    };

  self = lib.fix (lib.extends extensions base);
in
self

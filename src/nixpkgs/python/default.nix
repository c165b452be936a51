# Python: the interpreter, its packages, and the ways to put both together. There is one, Debian's 3.11; names of other
# versions are that one, with a notice.
final: previous:
let
  inherit (previous) lib;
  inherit (final) debianPackages;

  makePython = { packageOverrides ? _: _: { }, self ? python311 }:
    let
      base = debianPackages."python3.11";
      python = base // {
        passthru = base.passthru // additions;
      } // additions;
      additions = rec {
        inherit packageOverrides;
        implementation = "cpython";
        pythonVersion = "3.11";
        executable = "python3.11";
        libPrefix = "python3.11";
        sitePackages = "lib/python3.11/site-packages";
        interpreter = "${base}/bin/python3.11";
        sourceVersion = { major = "3"; minor = "11"; patch = lib.versions.patch base.version; suffix = ""; };
        isPy27 = false;
        isPy2 = false;
        isPy3 = true;
        isPy3k = true;
        isPyPy = false;
        isPy38 = false;
        isPy39 = false;
        isPy310 = false;
        isPy311 = true;
        isPy312 = false;
        pythonAtLeast = lib.versionAtLeast pythonVersion;
        pythonOlder = lib.versionOlder pythonVersion;
        hasDistutilsCxxPatch = false;
        pythonOnBuild = python;
        pythonOnBuildForHost = python;
        pythonForBuild = python;
        pkgs = import ./packages.nix {
          inherit final python;
          extensions = lib.composeManyExtensions ((final.pythonPackagesExtensions or [ ]) ++ [ packageOverrides ]);
        };
        buildEnv = final.callPackage ./env.nix { inherit python; inherit (pkgs) requiredPythonModules; };
        withPackages = choose: buildEnv.override { extraLibs = choose pkgs; };
        override = change: makePython ({ inherit packageOverrides self; } // lib.toFunction change { inherit packageOverrides self; });
        overrideAttrs = _: throw "python3 of the embedded package set is a binary of Debian's: overrideAttrs cannot change it; python3.override { packageOverrides = ...; } can change its packages";
      };
    in
    python;

  python311 = makePython { };

  # Said once an evaluation, however often the name is used: the value is the same thunk each time.
  other = name: builtins.trace "${name}: the embedded package set has Python ${python311.version} (Debian 12); using that" final.python3;
  others = lib.genAttrs [ "python2" "python27" "python36" "python37" "python38" "python39" "python310" "python312" "python313" ] other;
in
{
  inherit python311;
  python3 = final.python311;
  python = final.python3;
  pythonPackagesExtensions = [ ];
  pythonInterpreters = { inherit (final) python311; };
  python3Packages = final.python3.pkgs;
  python311Packages = final.python311.pkgs;
  pythonPackages = final.python3Packages;
  python3Full = final.python3;
}
// others
// lib.mapAttrs' (name: python: lib.nameValuePair "${name}Packages" python.pkgs) others

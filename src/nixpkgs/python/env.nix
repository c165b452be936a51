# A Python with packages: one tree in which bin/python3 sees them all (builtin:python-env). Without further work, so that
# no process runs; `postBuild` and `makeWrapperArgs` need one.
{ lib, builtinDerivation, runCommandLocal, makeWrapper, python, requiredPythonModules
, extraLibs ? [ ], extraOutputsToInstall ? [ ], postBuild ? "", ignoreCollisions ? false, permitUserSite ? false, makeWrapperArgs ? [ ]
}:
let
  packages = requiredPythonModules extraLibs;
  plain = builtinDerivation "python-env"
    {
      name = "${python.name}-env";
      inherit python ignoreCollisions;
      version = python.pythonVersion;
      packages = lib.remove python packages;
    }
    { passthru = common; meta = python.meta; };
  common = {
    inherit python;
    interpreter = "${env}/bin/${python.executable}";
    inherit (python) pythonVersion sitePackages executable;
    # `nix-shell -A myPython.env`
    env = runCommandLocal "interactive-${python.name}-environment" { nativeBuildInputs = [ env ]; } ''
      echo "This derivation is for nix-shell." >&2
      exit 1
    '';
  };
  env =
    if postBuild == "" && makeWrapperArgs == [ ] then plain
    else
      runCommandLocal "${python.name}-env" { nativeBuildInputs = [ makeWrapper ]; tree = plain; passthru = common; } ''
        cp -a "$tree" "$out"
        chmod -R u+w "$out"
        # The copy's programs must be its own.
        grep -rlF "$tree" "$out/bin" "$out/libexec" 2>/dev/null | while read -r file; do
          if ! isELF "$file"; then sed -i "s|$tree|$out|g" "$file"; fi
        done
        for link in "$out"/bin/*; do
          if [ -L "$link" ] && [[ $(readlink "$link") == "$tree"/* ]]; then
            target=$(readlink "$link")
            ln -sfn "$out''${target#"$tree"}" "$link"
          fi
        done
        ${lib.optionalString (makeWrapperArgs != [ ]) ''
          for program in "$out"/bin/*; do
            if [ -f "$program" ] && [ -x "$program" ]; then
              original=$(readlink -f "$program")
              rm "$program"
              makeWrapper "$original" "$program" ${lib.escapeShellArgs makeWrapperArgs}
            fi
          done
        ''}
        ${postBuild}
      '';
in
env

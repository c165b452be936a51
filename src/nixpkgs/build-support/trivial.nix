# Packages that are a text, a command or a collection of links. Texts and links are made by builtin builders, so that
# they need no process; only a command, a check or a `postBuild` does.
{ lib, pkgs, stdenv, stdenvNoCC, builtinDerivation, runtimeShell }:
rec {
  # -- commands
  runCommandWith = { stdenv ? stdenvNoCC, runLocal ? false, derivationArgs ? { }, name }: buildCommand:
    stdenv.mkDerivation ({
      inherit name buildCommand;
      enableParallelBuilding = true;
      passAsFile = [ "buildCommand" ] ++ derivationArgs.passAsFile or [ ];
    } // lib.optionalAttrs runLocal { preferLocalBuild = true; allowSubstitutes = false; }
      // removeAttrs derivationArgs [ "passAsFile" ]);
  runCommand = name: env: runCommandWith { inherit name; derivationArgs = env; };
  runCommandNoCC = runCommand;
  runCommandLocal = name: env: runCommandWith { inherit name; runLocal = true; derivationArgs = env; };
  runCommandNoCCLocal = runCommandLocal;
  runCommandCC = name: env: runCommandWith { inherit name stdenv; derivationArgs = env; };

  # -- texts
  writeTextFile =
    { name, text, executable ? false, destination ? "", checkPhase ? "", meta ? { }, passthru ? { }
    , allowSubstitutes ? false, preferLocalBuild ? true, derivationArgs ? { }
    }:
    let
      program = builtins.match "/bin/([^/]+)" destination;
      meta' = lib.optionalAttrs (executable && program != null) { mainProgram = lib.head program; } // meta // derivationArgs.meta or { };
      passthru' = passthru // derivationArgs.passthru or { };
      plain = builtinDerivation "write-text"
        { inherit name text executable destination preferLocalBuild allowSubstitutes; }
        { meta = meta'; passthru = passthru'; };
      more = removeAttrs derivationArgs [ "meta" "passthru" ];
    in
    if checkPhase == "" && more == { } then plain
    else
      runCommandWith { inherit name; derivationArgs = { inherit preferLocalBuild allowSubstitutes checkPhase; plain = plain; meta = meta'; passthru = passthru'; } // more; } ''
        cp -r "$plain" "$out"
        chmod -R u+w "$out"
        target=$out${lib.escapeShellArg destination}
        eval "$checkPhase"
      '';
  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir = path: text: writeTextFile {
    inherit text;
    name = baseNameOf path;
    destination = "/${path}";
  };
  writeScript = name: text: writeTextFile { inherit name text; executable = true; };
  writeScriptBin = name: text: writeTextFile {
    inherit name text;
    executable = true;
    destination = "/bin/${name}";
  };
  writeShellScript = name: text: writeTextFile {
    inherit name;
    executable = true;
    text = "#!${runtimeShell}\n${text}\n";
  };
  writeShellScriptBin = name: text: writeTextFile {
    inherit name;
    executable = true;
    destination = "/bin/${name}";
    text = "#!${runtimeShell}\n${text}\n";
  };
  writeShellApplication =
    { name, text, runtimeInputs ? [ ], runtimeEnv ? null, meta ? { }, passthru ? { }, checkPhase ? "", excludeShellChecks ? [ ]
    , extraShellCheckFlags ? [ ], bashOptions ? [ "errexit" "nounset" "pipefail" ], derivationArgs ? { }, inheritPath ? true
    }:
    writeTextFile {
      inherit name meta passthru derivationArgs;
      executable = true;
      destination = "/bin/${name}";
      checkPhase = if checkPhase == null then "" else checkPhase;
      text = "#!${runtimeShell}\n"
        + lib.concatMapStrings (option: "set -o ${option}\n") bashOptions
        + lib.optionalString (runtimeEnv != null)
          ("\n" + lib.concatStrings (lib.mapAttrsToList (key: value: "${lib.toShellVar key value}\nexport ${key}\n") runtimeEnv))
        + lib.optionalString (runtimeInputs != [ ])
          "\nexport PATH=\"${lib.makeBinPath runtimeInputs}${lib.optionalString inheritPath ":$PATH"}\"\n"
        + "\n${text}\n";
    };
  writers = {
    writeBash = writeShellScript;
    writeBashBin = writeShellScriptBin;
    writeDash = name: text: writeScript name "#!${pkgs.dash}/bin/dash\n${text}\n";
    writeDashBin = name: text: writeScriptBin name "#!${pkgs.dash}/bin/dash\n${text}\n";
    writePython3 = name: { libraries ? [ ], ... }: text: writeScript name "#!${pkgs.python3.withPackages (_: libraries)}/bin/python3\n${text}\n";
    writePython3Bin = name: { libraries ? [ ], ... }: text: writeScriptBin name "#!${pkgs.python3.withPackages (_: libraries)}/bin/python3\n${text}\n";
    writeText = writeText;
    writeJSON = name: value: writeText name (builtins.toJSON value);
  };
  concatTextFile = { name, files, executable ? false, destination ? "", checkPhase ? "", meta ? { }, passthru ? { } }:
    runCommandLocal name { inherit files executable destination checkPhase meta passthru; } ''
      file=$out$destination
      mkdir -p "$(dirname "$file")"
      cat $files >"$file"
      if [ -n "$executable" ]; then chmod +x "$file"; fi
      eval "$checkPhase"
    '';
  concatText = name: files: concatTextFile { inherit name files; };
  concatScript = name: files: concatTextFile { inherit name files; executable = true; };

  # -- collections
  symlinkJoin =
    args_@{ name ? "${args_.pname}-${args_.version}", paths, postBuild ? "", stripPrefix ? "", preferLocalBuild ? true, allowSubstitutes ? false
    , failOnMissing ? stripPrefix == "", ...
    }:
    let
      tree = builtinDerivation "symlink-tree"
        { inherit name; paths = lib.flatten paths; pathsToLink = [ "/${stripPrefix}" ]; directories = "real"; }
        { meta = args_.meta or { }; passthru = args_.passthru or { }; };
      more = removeAttrs args_ [ "name" "pname" "version" "paths" "postBuild" "stripPrefix" "failOnMissing" "preferLocalBuild" "allowSubstitutes" "meta" "passthru" ];
    in
    # Links as they are, and directories that the commands may write to.
    if postBuild == "" && more == { } then tree
    else
      runCommandWith { inherit name; derivationArgs = more // { inherit tree preferLocalBuild allowSubstitutes; meta = args_.meta or { }; passthru = args_.passthru or { } // { inherit paths; }; }; } ''
        cp -a "$tree" "$out"
        chmod -R u+w "$out"
        ${postBuild}
      '';

  buildEnv = lib.makeOverridable (
    args_@{ name ? "${args_.pname}-${args_.version}", paths, pathsToLink ? [ "/" ], ignoreCollisions ? false, checkCollisionContents ? true, manifest ? ""
    , extraPrefix ? "", extraOutputsToInstall ? [ ], buildInputs ? [ ], nativeBuildInputs ? [ ], postBuild ? "", passthru ? { }
    , meta ? { }, includeClosures ? false, pname ? null, version ? null
    }:
    let
      # Of a package with several outputs those that a user would install.
      chosen = package:
        if !lib.isAttrs package || package.outputSpecified or false || !(package ? outputs) then [ package ]
        else
          let names = lib.unique (package.meta.outputsToInstall or [ "out" ] ++ lib.filter (name: package ? ${name}) extraOutputsToInstall); in
          map (name: package.${name}) names;
      tree = builtinDerivation "symlink-tree"
        { inherit name pathsToLink ignoreCollisions checkCollisionContents extraPrefix; paths = lib.concatMap chosen (lib.flatten paths); }
        { inherit meta passthru; };
    in
    if postBuild == "" then tree
    else
      runCommandLocal name { inherit tree buildInputs nativeBuildInputs meta passthru; } ''
        cp -a "$tree" "$out"
        chmod -R u+w "$out"
        ${postBuild}
      '');

  linkFarm = name: entries:
    let
      list = if lib.isAttrs entries then lib.mapAttrsToList (name: path: { inherit name path; }) entries else entries;
      # The last one of a name counts.
      links = lib.listToAttrs (lib.reverseList (map ({ name, path }: lib.nameValuePair name "${path}") list));
    in
    builtinDerivation "link-farm" { inherit name links; } { passthru.entries = lib.listToAttrs (map ({ name, path }: lib.nameValuePair name path) list); };
  linkFarmFromDrvs = name: drvs: linkFarm name (map (drv: { inherit (drv) name; path = drv; }) drvs);
  onlyBin = drv: linkFarm "${lib.getName drv}-only-bin" [ { name = "bin"; path = "${lib.getBin drv}/bin"; } ];

  emptyFile = writeText "empty-file" "";
  emptyDirectory = builtinDerivation "symlink-tree" { name = "empty-directory"; paths = [ ]; } { };

  # -- closures
  writeReferencesToFile = writeClosure';
  writeClosure' = path: writeClosure [ path ];
  writeClosure = paths:
    runCommandLocal "runtime-deps" { exportReferencesGraph = lib.concatLists (lib.imap0 (i: path: [ "graph${toString i}" path ]) paths); } ''
      for graph in graph*; do
        while read -r path; do
          echo "$path"
          read -r deriver
          read -r count
          for ((i = 0; i < count; i++)); do read -r reference; done
        done <"$graph"
      done | sort -u >"$out"
    '';
  writeDirectReferencesToFile = path:
    runCommandLocal "runtime-references" { exportReferencesGraph = [ "graph" path ]; inherit path; } ''
      while read -r current; do
        read -r deriver
        read -r count
        for ((i = 0; i < count; i++)); do
          read -r reference
          if [ "$current" = "$path" ]; then echo "$reference"; fi
        done
      done <graph | sort -u >"$out"
    '';

  # What a store database needs to know of a closure (`nix-store --load-db`), and its paths.
  closureInfo = { rootPaths }:
    stdenvNoCC.mkDerivation {
      name = "closure-info";
      __structuredAttrs = true;
      exportReferencesGraph.closure = rootPaths;
      preferLocalBuild = true;
      nativeBuildInputs = [ pkgs.coreutils pkgs.jq ];
      buildCommand = ''
        out=''${outputs[out]}
        mkdir "$out"
        attributes=''${NIX_ATTRS_JSON_FILE:-.attrs.json}
        jq -r '[.closure[].narSize] | add' <"$attributes" >"$out/total-nar-size"
        jq -r '.closure | sort_by(.path)[] | .path' <"$attributes" >"$out/store-paths"
        jq -r '.closure | sort_by(.path)[]
          | .path, .narHash, (.narSize | tostring), "", (.references | length | tostring), (.references | sort[])' \
          <"$attributes" >"$out/registration"
      '';
    };

  # -- single files with values put in
  replaceVarsWith = { src, replacements ? { }, dir ? null, isExecutable ? false, name ? baseNameOf (toString src), meta ? { }, postInstall ? "", ... }:
    let
      set = lib.filterAttrs (_: value: value != null) replacements;
      text = builtins.replaceStrings (map (key: "@${key}@") (lib.attrNames set)) (map toString (lib.attrValues set)) (builtins.readFile src);
      # Read at evaluation, so that no process is needed.
      left = builtins.match ".*@([a-zA-Z_][a-zA-Z0-9_'-]*)@.*" (lib.concatStrings (lib.splitString "\n" text));
      kept = lib.attrNames (lib.filterAttrs (_: value: value == null) replacements);
    in
    lib.throwIf (left != null && !lib.elem (lib.head left) kept)
      "replaceVars: ${name} still has @${lib.head left}@; give it a value, or null to leave it"
      writeTextFile { inherit name text meta; executable = isExecutable; destination = if dir == null then "" else "/${dir}/${name}"; };
  replaceVars = src: replacements: replaceVarsWith { inherit src replacements; };
  substitute = { src, substitutions ? [ ], replacements ? [ ], isExecutable ? false, name ? baseNameOf (toString src), ... }@args:
    stdenvNoCC.mkDerivation ({
      inherit name;
      preferLocalBuild = true;
      buildCommand = ''
        substitute ${lib.escapeShellArg src} "$out" ${lib.escapeShellArgs (lib.flatten [ replacements substitutions ])}
        ${lib.optionalString isExecutable ''chmod +x "$out"''}
      '';
    } // removeAttrs args [ "substitutions" "replacements" "isExecutable" ]);
  substituteAll = args:
    stdenvNoCC.mkDerivation ({
      name = if args ? name then args.name else baseNameOf (toString args.src);
      preferLocalBuild = true;
      buildCommand = ''
        target=$out
        if [ -n "''${dir:-}" ]; then
          target=$out/$dir/$name
          mkdir -p "$out/$dir"
        fi
        substituteAll "$src" "$target"
        if [ -n "''${isExecutable:-}" ]; then chmod +x "$target"; fi
        eval "''${postInstall:-}"
      '';
    } // args);

  makeSetupHook = { name ? "hook", propagatedBuildInputs ? [ ], substitutions ? { }, depsTargetTargetPropagated ? [ ], meta ? { }, passthru ? { } }: script:
    let
      text = builtins.replaceStrings (map (key: "@${key}@") (lib.attrNames substitutions)) (map toString (lib.attrValues substitutions)) (builtins.readFile script);
      propagated = map toString (propagatedBuildInputs ++ depsTargetTargetPropagated);
    in
    builtinDerivation "symlink-tree"
      {
        inherit name;
        paths = [ ];
        files = { "nix-support/setup-hook" = { inherit text; executable = false; }; }
          // lib.optionalAttrs (propagated != [ ]) { "nix-support/propagated-build-inputs" = { text = lib.concatStringsSep " " propagated; executable = false; }; };
      }
      { inherit meta passthru; };

  # -- a development shell that is also a (rather empty) package
  mkShell = mkShellWith stdenv;
  mkShellNoCC = mkShellWith stdenvNoCC;
  mkShellWith = stdenv:
    { name ? "nix-shell", packages ? [ ], inputsFrom ? [ ], buildInputs ? [ ], nativeBuildInputs ? [ ], propagatedBuildInputs ? [ ]
    , propagatedNativeBuildInputs ? [ ], ...
    }@attrs:
    let
      own = removeAttrs attrs [ "name" "packages" "inputsFrom" "buildInputs" "nativeBuildInputs" "propagatedBuildInputs" "propagatedNativeBuildInputs" "shellHook" ];
      # A package among inputsFrom is not itself an input of the shell.
      merged = which: attrs.${which} or [ ] ++ lib.subtractLists inputsFrom (lib.flatten (map (drv: drv.${which} or [ ]) inputsFrom));
    in
    stdenv.mkDerivation ({
      inherit name;
      buildInputs = merged "buildInputs";
      nativeBuildInputs = packages ++ merged "nativeBuildInputs";
      propagatedBuildInputs = merged "propagatedBuildInputs";
      propagatedNativeBuildInputs = merged "propagatedNativeBuildInputs";
      shellHook = lib.concatStringsSep "\n" (lib.catAttrs "shellHook" (lib.reverseList inputsFrom ++ [ attrs ]));
      phases = [ "buildPhase" ];
      buildPhase = ''
        { echo "# what this shell has around it"; export; } >"$out"
      '';
      preferLocalBuild = true;
    } // own);

  requireFile = { name ? baseNameOf url, url ? null, message ? null, sha256 ? null, sha1 ? null, hash ? null, hashMode ? "flat" }:
    let
      text = if message != null then message else "${name} cannot be downloaded automatically: get it from ${url}, then add it with `nix-store --add-fixed sha256 ${name}`.";
    in
    stdenvNoCC.mkDerivation {
      inherit name;
      outputHashMode = hashMode;
      outputHashAlgo = if hash != null then null else if sha256 != null then "sha256" else "sha1";
      outputHash = if hash != null then hash else if sha256 != null then sha256 else sha1;
      preferLocalBuild = true;
      allowSubstitutes = false;
      buildCommand = ''
        cat >&2 <<"END_OF_MESSAGE"
        ${text}
        END_OF_MESSAGE
        exit 1
      '';
    };
  srcOnly = drv: stdenvNoCC.mkDerivation {
    name = "${drv.name or "package"}-source";
    inherit (drv) src;
    patches = drv.patches or [ ];
    phases = [ "unpackPhase" "patchPhase" "installPhase" ];
    installPhase = ''cp -r . "$out"'';
  };
  applyPatches = { src, name ? "${src.name or "source"}-patched", patches ? [ ], postPatch ? "", prePatch ? "", ... }:
    stdenvNoCC.mkDerivation {
      inherit name src patches prePatch postPatch;
      phases = [ "unpackPhase" "patchPhase" "installPhase" ];
      installPhase = ''cp -R ./ "$out"'';
      preferLocalBuild = true;
      allowSubstitutes = false;
    };
}

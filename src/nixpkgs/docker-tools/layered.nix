# Images of many layers: the store paths that most others need get a layer each, so that images and versions share them;
# the contents stand at / as links, in a layer of their own on top.
{ lib, builtinDerivation, writeScript, runtimeShell, coreutils, config, layer }:
let
  imageConfig = config;
  extensions = { none = ""; gz = ".gz"; zstd = ".zst"; };
  hashPart = path: lib.head (lib.splitString "-" (baseNameOf (builtins.unsafeDiscardStringContext path)));

  # "1970-01-01T00:00:01Z" or "@SECONDS": of a file in the image.
  seconds = mtime:
    let at = builtins.match "@([0-9]+)" mtime; in
    if mtime == "1970-01-01T00:00:01Z" then 1
    else if at != null then lib.toInt (lib.head at)
    else throw "dockerTools: mtime must be 1970-01-01T00:00:01Z or @SECONDS, not '${mtime}'";

  parts =
    { name
    , tag ? null                   # null: the hash part of the configuration's store path
    , fromImage ? null
    , contents ? [ ]
    , config ? { }
    , architecture ? imageConfig.defaultArchitecture
    , created ? imageConfig.defaultCreated
    , mtime ? "1970-01-01T00:00:01Z"
    , uid ? 0                      # of the store's files
    , gid ? 0
    , uname ? "root"
    , gname ? "root"
    , maxLayers ? 100
    , extraCommands ? ""
    , fakeRootCommands ? ""
    , enableFakechroot ? false
    , includeStorePaths ? true
    , includeNixDB ? false
    , includeNixDBHostSignatures ? false
    , layeringPipeline ? null
    , debug ? false
    , passthru ? { }
    , meta ? { }
    , compressor ? "gz"
    }:
    let
      baseName = baseNameOf name;
      unsupported = what: throw "dockerTools: ${what} is not supported yet (image '${name}')";
      conf = imageConfig.make {
        name = "${baseName}-conf.json";
        inherit config created architecture;
      };
      customisationLayer = layer.make {
        name = "${baseName}-customisation-layer";
        imageName = baseName;
        baseJson = conf;
        contents = lib.toList contents;
        links = true;
        inherit extraCommands;
      };
      imageTag = if tag != null then tag else hashPart conf.outPath;
    in
    assert lib.assertMsg (maxLayers > 1)
      "the maxLayers argument of dockerTools.buildLayeredImage must be greater than 1 (it is ${toString maxLayers})";
    if fakeRootCommands != "" || enableFakechroot then unsupported "fakeRootCommands"
    else if includeNixDB then unsupported "includeNixDB"
    else if layeringPipeline != null then unsupported "layeringPipeline"
    else {
      inherit conf baseName compressor meta;
      imageName = lib.toLower name;
      passthru = passthru // { inherit conf imageTag; imageName = lib.toLower name; layer = customisationLayer; };
      archive = drvName: compressor: quiet: extra:
        builtinDerivation "docker-archive"
          ({
            name = drvName;
            imageName = lib.toLower name;
            inherit imageTag compressor maxLayers quiet;
            baseJson = conf;
            layer = customisationLayer;
            layerClosure = builtinDerivation "image-closure" { name = "runtime-deps"; paths = [ customisationLayer ]; } { };
            storeUid = uid;
            storeGid = gid;
            storeUname = uname;
            storeGname = gname;
            mtime = seconds mtime;
            withoutStore = !includeStorePaths;
          } // lib.optionalAttrs (fromImage != null) { inherit fromImage; })
          extra;
    };
in
rec {
  buildLayeredImage = lib.makeOverridable (args:
    let p = parts args; in
    if !(extensions ? ${p.compressor}) then throw "dockerTools.buildLayeredImage: unknown compressor '${p.compressor}'; there are gz, zstd and none"
    else p.archive "${p.baseName}.tar${extensions.${p.compressor}}" p.compressor false { inherit (p) passthru meta; });

  # A program that prints the archive. Upstream's puts it together while it prints; this one's archive is in the store, with
  # nothing compressed.
  streamLayeredImage = lib.makeOverridable (args:
    let
      p = parts (removeAttrs args [ "compressor" ]);
      archive = p.archive "${p.baseName}.tar" "none" true { };
      script = writeScript "stream-${p.baseName}" ''
        #!${runtimeShell}
        exec ${coreutils}/bin/cat ${archive}
      '';
    in
    lib.extendDerivation true (p.passthru // { passthru = p.passthru; isExe = true; meta = p.meta // { mainProgram = script.name; }; }) script);

  buildLayeredImageWithNixDb = args: buildLayeredImage (args // { includeNixDB = true; });
}

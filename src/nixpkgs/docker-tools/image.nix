# dockerTools.buildImage: one layer, which holds the given contents at / and the closure of whatever they and the
# configuration refer to.
{ lib, builtinDerivation, config, layer }:
let
  extensions = { none = ""; gz = ".gz"; zstd = ".zst"; };
  noDatabase = function: throw
    "dockerTools.${function}: an image with a Nix database is not supported yet; leave includeNixDB out (the store paths are in the image all the same)";
in
rec {
  buildImage = lib.makeOverridable (
    args@{ name
    , tag ? null                   # null: the hash part of the image's own store path
    , fromImage ? null             # a docker-archive
    , fromImageName ? null         # which image of it; both or neither
    , fromImageTag ? null
    , copyToRoot ? null
    , contents ? null              # the older name of copyToRoot
    , keepContentsDirlinks ? false
    , config ? null
    , extraCommands ? ""
    , uid ? 0
    , gid ? 0
    , runAsRoot ? null
    , diskSize ? 1024              # of upstream's virtual machine: accepted, and of no effect
    , buildVMMemorySize ? 512
    , architecture ? imageConfig.defaultArchitecture
    , created ? imageConfig.defaultCreated
    , compressor ? "gz"
    , includeNixDB ? false
    , includeNixDBHostSignatures ? false
    }:
    let
      baseName = baseNameOf name;
      baseJson = imageConfig.make {
        name = "${baseName}-config.json";
        inherit config created architecture;
      };
      files = layer.make {
        name = "docker-layer-${baseName}";
        imageName = baseName;
        contents = layer.contentsOf { inherit name contents copyToRoot; };
        inherit baseJson keepContentsDirlinks uid gid extraCommands;
      };
      layerClosure = builtinDerivation "image-closure" { name = "runtime-deps"; paths = [ files ]; } { };
      result = builtinDerivation "docker-archive"
        ({
          name = "docker-image-${baseName}.tar${extensions.${compressor}}";
          # Plain environment variables: the .drv then ends in its system, as readers of such files are used to.
          __structuredAttrs = false;
          imageName = lib.toLower name;
          imageTag = if tag == null then "" else tag;
          layer = files;
          inherit baseJson layerClosure compressor;
        } // lib.filterAttrs (_: value: value != null) { inherit fromImage fromImageName fromImageTag; })
        {
          passthru = {
            buildArgs = args;
            layer = files;
            imageName = lib.toLower name;
            imageTag = if tag != null then tag else hashPart result.outPath;
          };
        };
    in
    if runAsRoot != null then
      throw "dockerTools.buildImage: runAsRoot is not supported yet (image '${name}'); use extraCommands, or build the files in a derivation of their own"
    else if includeNixDB then noDatabase "buildImage"
    else if !(extensions ? ${compressor}) then
      throw "dockerTools.buildImage: unknown compressor '${compressor}' (image '${name}'); there are gz, zstd and none"
    else result);

  buildImageWithNixDb = args: buildImage (args // { includeNixDB = true; });

  imageConfig = config;
  hashPart = path: lib.head (lib.splitString "-" (baseNameOf (builtins.unsafeDiscardStringContext path)));
}

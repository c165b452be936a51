# Container images from store paths, with nixpkgs' functions and arguments. The work is done by builders inside nixlet
# (src/image/builders): no process is started unless an image has commands to run.
#
#   config.nix    the image configuration           layered.nix       buildLayeredImage, streamLayeredImage
#   layer.nix     the files outside the store       environment.nix   binSh, caCertificates, ...: what programs expect
#   image.nix     buildImage                        registry.nix      images from elsewhere
{ lib
, callPackage
, fakeNss
}:
let
  config = callPackage ./config.nix { };
  layer = callPackage ./layer.nix { };
  image = callPackage ./image.nix { inherit config layer; };
  layered = callPackage ./layered.nix { inherit config layer; };
  environment = callPackage ./environment.nix { };
  registry = callPackage ./registry.nix { };
in
{
  inherit fakeNss;
  inherit (image) buildImage buildImageWithNixDb;
  inherit (layered) buildLayeredImage streamLayeredImage buildLayeredImageWithNixDb;
  inherit (environment) binSh usrBinEnv caCertificates shadowSetup shellScript;
  inherit (registry) pullImage mergeImages exportImage;
}

# Images that come from elsewhere, and archives of several images.
{ lib, builtinDerivation }:
{
  pullImage =
    { imageName, imageDigest, sha256 ? null, hash ? null, os ? "linux", arch ? "amd64", finalImageName ? imageName
    , finalImageTag ? "latest", tlsVerify ? true, name ? "docker-image-${builtins.replaceStrings [ "/" ":" ] [ "-" "-" ] "${finalImageName}-${finalImageTag}"}.tar"
    }:
    throw "dockerTools.pullImage: fetching from a registry is not supported yet (image '${imageName}'); save it to a file (skopeo copy docker://${imageName}@${imageDigest} docker-archive:FILE) and give that: fromImage = ./FILE";

  mergeImages = images: builtinDerivation "merge-images" { name = "merged-docker-images.tar.gz"; inherit images; } { };

  exportImage = { name ? fromImage.name, fromImage, fromImageName ? null, fromImageTag ? null, diskSize ? 1024 }:
    builtinDerivation "export-image"
      ({ inherit name fromImage; } // lib.filterAttrs (_: value: value != null) { inherit fromImageName fromImageTag; })
      { };
}

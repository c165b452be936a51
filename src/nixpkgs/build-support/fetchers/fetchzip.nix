# fetchzip: an archive from the network, unpacked; the hash is that of the tree.
{ lib, fetchurl, unzip, gnutar, gzip, bzip2, xz, zstd }:
{ name ? "source", url ? "", urls ? [ ], stripRoot ? true, extraPostFetch ? "", postFetch ? "", extension ? null
, nativeBuildInputs ? [ ], passthru ? { }, meta ? { }, withUnzip ? true, ...
}@args:
let
  # The program that unpacks is chosen by the name of the file.
  first = if url != "" then url else lib.head urls;
  file = if extension != null then "download.${extension}" else baseNameOf (lib.head (lib.splitString "?" first));
in
fetchurl (removeAttrs args [ "stripRoot" "extraPostFetch" "postFetch" "extension" "nativeBuildInputs" "withUnzip" ] // {
  inherit name;
  recursiveHash = true;
  downloadToTemp = true;
  nativeBuildInputs = [ gnutar gzip bzip2 xz zstd unzip ] ++ nativeBuildInputs;
  postFetch = ''
    mkdir "$TMPDIR/unpack"
    cd "$TMPDIR/unpack"
    mv "$downloadedFile" "$TMPDIR/${file}"
    unpackFile "$TMPDIR/${file}"
    chmod -R +w "$TMPDIR/unpack"
  '' + (if stripRoot then ''
    if [ "$(ls -A . | wc -l)" != 1 ]; then
      echo "error: zip file must contain a single file or directory." >&2
      echo "hint: Pass stripRoot=false; to fetchzip to assume flat list of files." >&2
      exit 1
    fi
    mv "$TMPDIR/unpack/$(ls -A .)" "$out"
  '' else ''
    mv "$TMPDIR/unpack" "$out"
  '') + ''
    chmod 755 "$out"
    ${postFetch}${extraPostFetch}
  '';
})

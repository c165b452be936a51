# Parts of version numbers.
{ lib }:
rec {
  splitVersion = builtins.splitVersion;
  major = version: builtins.elemAt (splitVersion version) 0;
  minor = version: builtins.elemAt (splitVersion version) 1;
  patch = version: builtins.elemAt (splitVersion version) 2;
  majorMinor = version: builtins.concatStringsSep "." (lib.take 2 (splitVersion version));
  pad = n: version:
    let
      parts = lib.splitString "-" version;
      numbers = lib.splitVersion (builtins.head parts);
      suffix = lib.optionalString (builtins.length parts > 1) ("-" + builtins.concatStringsSep "-" (builtins.tail parts));
    in
    builtins.concatStringsSep "." (lib.take n (numbers ++ lib.lists.replicate n "0")) + suffix;
}

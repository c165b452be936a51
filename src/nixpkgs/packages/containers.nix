# What goes into images beside programs: users, certificates, the usual links; and the image builders.
final: previous:
let
  inherit (previous) lib;
  inherit (final) callPackage;
in
{
  dockerTools = callPackage ../docker-tools { };

  fakeNss = callPackage ({ symlinkJoin, writeTextDir, builtinDerivation, extraPasswdLines ? [ ], extraGroupLines ? [ ] }:
    symlinkJoin {
      name = "fake-nss";
      paths = [
        (writeTextDir "etc/passwd" (lib.concatLines ([
          "root:x:0:0:root user:/var/empty:/bin/sh"
        ] ++ extraPasswdLines ++ [ "nobody:x:65534:65534:nobody:/var/empty:/bin/sh" ])))
        (writeTextDir "etc/group" (lib.concatLines ([ "root:x:0:" ] ++ extraGroupLines ++ [ "nobody:x:65534:" ])))
        (writeTextDir "etc/nsswitch.conf" "hosts: files dns\n")
        (builtinDerivation "symlink-tree" { name = "var-empty"; paths = [ ]; pathsToLink = [ "/var/empty" ]; } { })
      ];
    }) { };
}

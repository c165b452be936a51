# gcc that compiles and links against the store: headers and start files of libc6-dev, the loader of glibc, and for every
# library that is linked in, its directory as a run path. A compiler program is a small script in front of Debian's.
{ lib, builtinDerivation, hostPlatform, bash, coreutils, cc, binutils, debianPackages, libc ? debianPackages.glibc, libcDev ? debianPackages.libc6-dev }:
let
  triplet = hostPlatform.multiarch;
  version = lib.versions.major cc.version;
  loader = if hostPlatform.isAarch64 then "ld-linux-aarch64.so.1" else "ld-linux-x86-64.so.2";
  fill = builtins.replaceStrings
    [ "@bash@" "@coreutils@" "@cc@" "@binutils@" "@libc@" "@libcDev@" "@triplet@" "@version@" "@loader@" ]
    [ "${bash}" "${coreutils}" "${cc}" "${binutils}" "${libc}" "${libcDev}" triplet version loader ];
  program = text: { inherit text; executable = true; };
  data = text: { inherit text; executable = false; };
  driver = name: cxx: program (builtins.replaceStrings [ "@program@" "@cxx@" ] [ "${triplet}-${name}-${version}" cxx ] (fill (builtins.readFile ./cc.sh)));
in
builtinDerivation "symlink-tree"
{
  name = "gcc-wrapper-${cc.version}";
  # The linker is replaced, the rest of binutils is as it is.
  paths = [ binutils ];
  pathsToLink = [ "/bin" ];
  ignoreCollisions = true;
  files = {
    "bin/gcc" = driver "gcc" "";
    "bin/cc" = driver "gcc" "";
    "bin/g++" = driver "g++" "1";
    "bin/c++" = driver "g++" "1";
    "bin/cpp" = driver "cpp" "";
    "bin/gcc-ar" = program (fill "#!@bash@/bin/bash\nexec @binutils@/bin/ar \"$@\"\n");
    "bin/ld" = program (fill (builtins.readFile ./ld.sh));
    # Debian's linker scripts name /lib and /usr/lib.
    "lib/libc.so" = data (fill "OUTPUT_FORMAT(elf64-${if hostPlatform.isAarch64 then "littleaarch64" else "x86-64"})\nGROUP ( @libc@/lib/@triplet@/libc.so.6 @libcDev@/lib/@triplet@/libc_nonshared.a AS_NEEDED ( @libc@/lib/@triplet@/@loader@ ) )\n");
    "lib/libm.so" = data (fill "OUTPUT_FORMAT(elf64-${if hostPlatform.isAarch64 then "littleaarch64" else "x86-64"})\nGROUP ( @libc@/lib/@triplet@/libm.so.6 AS_NEEDED ( @libc@/lib/@triplet@/libmvec.so.1 ) )\n");
    "nix-support/setup-hook" = data (fill (builtins.readFile ./setup-hook.sh));
    "nix-support/dynamic-linker" = data (fill "@libc@/lib/@triplet@/@loader@\n");
    "nix-support/orig-cc" = data "${cc}\n";
    "nix-support/orig-libc" = data "${libc}\n";
  };
}
{
  passthru = {
    cc = cc // { lib = debianPackages."libstdc++6"; };
    inherit libc;
    bintools = binutils;
    isGNU = true;
    isClang = false;
    targetPrefix = "";
    pname = "gcc";
    inherit (cc) version;
    lib = debianPackages."libstdc++6";
  };
  meta = { mainProgram = "gcc"; };
}

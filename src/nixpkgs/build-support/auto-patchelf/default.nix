# autoPatchelfHook: binaries that were built elsewhere get the loader and the libraries of the inputs.
{ makeSetupHook, patchelf, glibc, hostPlatform }:
makeSetupHook
{
  name = "auto-patchelf-hook";
  propagatedBuildInputs = [ patchelf ];
  substitutions = {
    libc = "${glibc.out}";
    triplet = hostPlatform.multiarch;
    loader = if hostPlatform.isAarch64 then "ld-linux-aarch64.so.1" else "ld-linux-x86-64.so.2";
  };
} ./auto-patchelf.sh

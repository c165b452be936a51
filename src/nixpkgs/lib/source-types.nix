# Where a package's bytes come from, for meta.sourceProvenance.
{ lib }:
builtins.mapAttrs (shortName: isSource: { inherit shortName isSource; }) {
  fromSource = true;
  binaryBytecode = false;
  binaryFirmware = false;
  binaryNativeCode = false;
}

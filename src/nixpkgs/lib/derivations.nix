# Helpers about derivations as values.
{ lib }:
{
  optionalDrvAttr = condition: value: if condition then value else null;
  warnOnInstantiate = message: drv: lib.extendDerivation true
    (lib.genAttrs [ "drvPath" "outPath" ] (name: lib.warn message drv.${name})) drv;
}

# pkg-config that finds the .pc files of all inputs.
{ makeSetupHook, pkg-config-unwrapped, builtinDerivation }:
builtinDerivation "symlink-tree"
{
  name = "pkg-config-${pkg-config-unwrapped.version}";
  paths = [ pkg-config-unwrapped ];
  files."nix-support/setup-hook" = { text = builtins.readFile ./pkg-config-hook.sh; executable = false; };
}
{ meta.mainProgram = "pkg-config"; }

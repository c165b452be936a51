/** The files that come with the evaluator: `<nix/fetchurl.nix>`, and `derivation`. */
import { derivationSource } from './derivation-source.ts';

/** Stands for a directory that no host has. */
const prefix = '/__corepkgs__/';

export function internalPath(name: string): string {
  return prefix + name;
}

/** The text of an internal file, with its name; undefined for any other path. */
export function internalFile(path: string): { name: string; text: string } | undefined {
  if (!path.startsWith(prefix)) return undefined;
  const name = path.slice(prefix.length);
  const text = files[name];
  return text === undefined ? undefined : { name, text };
}

/** A download by the built-in builder, whose attributes make the same derivation as C++ Nix's file of that name. */
const fetchurl = `{ url
, name ? baseNameOf (toString url)
, hash ? "", sha512 ? "", sha256 ? "", sha1 ? "", md5 ? ""
, outputHash ?
    if hash != "" then hash
    else if sha512 != "" then sha512
    else if sha1 != "" then sha1
    else if md5 != "" then md5
    else sha256
, outputHashAlgo ?
    # A hash in SRI form names its algorithm itself.
    if hash != "" then ""
    else if sha512 != "" then "sha512"
    else if sha1 != "" then "sha1"
    else if md5 != "" then "md5"
    else "sha256"
, executable ? false
, unpack ? false
, impure ? false
, system ? "" # means nothing any more
}:
derivation ({
  inherit name url executable unpack;
  builder = "builtin:fetchurl";
  system = "builtin";
  outputHashMode = if unpack || executable then "recursive" else "flat";
  preferLocalBuild = true;
  impureEnvVars = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" ];
  urls = [ url ];
} // (if impure then { __impure = true; } else { inherit outputHash outputHashAlgo; }))
`;

/**
 * The outputs of flakes that depend on each other: `nodes` is what builtins/flake/get-flake.ts makes. A relative node lies
 * in the tree of another one.
 */
const callFlake = `nodes: root:
let
  built = builtins.mapAttrs (_: node:
    let
      parent = built.\${node.parent};
      sourceInfo = if node ? parent then parent.sourceInfo else node.sourceInfo;
      base = if node ? parent then parent.outPath + node.path else sourceInfo.outPath;
      outPath = base + node.dir;
      flake = import (outPath + "/flake.nix");
      inputs = builtins.mapAttrs (_: key: built.\${key}.result) node.inputs;
      outputs = flake.outputs (inputs // { self = asFlake; });
      asFlake = outputs // sourceInfo // { inherit outPath inputs outputs sourceInfo; _type = "flake"; };
    in {
      inherit outPath sourceInfo;
      result =
        if !node.isFlake then sourceInfo // { inherit sourceInfo outPath; }
        else assert builtins.isFunction flake.outputs; asFlake;
    }) nodes;
in built.\${root}.result
`;

const files: Readonly<Record<string, string>> = {
  'fetchurl.nix': fetchurl,
  'derivation-internal.nix': derivationSource,
  'call-flake.nix': callFlake,
};

/**
 * `derivation`, in Nix: the part of builtins.derivationStrict that is lazy. The set that it gives has the attributes it was
 * given, and per output a set of the same with that output's path; nothing of it is computed before a path is asked for.
 */
export const derivationSource = `drvAttrs@{ outputs ? [ "out" ], ... }:
let
  strict = derivationStrict drvAttrs;

  common = drvAttrs // builtins.listToAttrs outputSets // {
    all = map (output: output.value) outputSets;
    inherit drvAttrs;
  };

  outputSets = map
    (outputName: {
      name = outputName;
      value = common // {
        outPath = builtins.getAttr outputName strict;
        drvPath = strict.drvPath;
        type = "derivation";
        inherit outputName;
      };
    })
    outputs;
in
(builtins.head outputSets).value
`;

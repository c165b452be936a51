/**
 * `derivation`, in Nix: the part that is lazy of what builtins.derivationStrict does. Nothing of it is computed before a
 * path is asked for. Errors show places in this text, so where its lines stand and how its variables are called follows
 * C++ Nix's file of the same name; hence the length of the comment in it, which is also what `:doc derivation` shows.
 */
export const derivationSource = `/**
  Describes something to build.

  # Inputs

  A set. These attributes mean something to Nix, every one becomes a
  variable of the builder's environment, and a path is copied to the
  store on the way:

  - \`name\`: the last part of the store path
  - \`system\`: the kind of machine that can build it,
    for instance \`"x86_64-linux"\`
  - \`builder\`: the program that is started
  - \`args\`: a list, the arguments of that program
  - \`outputs\`: the names of what it makes, \`[ "out" ]\` by default

  # Output

  The set again, with \`type = "derivation"\` and the attributes
  \`drvPath\` (the path of the description), \`outPath\` (the path of
  what is built), \`outputName\`, and one attribute for each output
  that is a set like this one, for that output. Nothing is built yet.
  A string that contains such a path remembers what it refers to.

  It is built when a command such as \`nix-build\` asks for it, or when
  \`import\` or \`builtins.readFile\` wants to look into it.

  Packages are rather made with \`stdenv.mkDerivation\`, which sets up
  a shell and the usual tools.
*/
drvAttrs@{ outputs ? [ "out" ], ... }:

# The first of the outputs is what the set itself stands for.
let

  strict = derivationStrict drvAttrs;

  # What every output's set has.
  commonAttrs =
    drvAttrs
    // builtins.listToAttrs outputSets
    // {
      all = map (output: output.value) outputSets;
      inherit drvAttrs;
    };

  outputSet = outputName: {
    value = commonAttrs // {
      outPath = strict.\${outputName};
      drvPath = strict.drvPath;
      type = "derivation";
      inherit outputName;
    };
    name = outputName;
  };

  outputSets = map outputSet outputs;

in
(builtins.head outputSets).value
`;

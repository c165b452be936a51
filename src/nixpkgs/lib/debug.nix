# Looking at values while they are evaluated, and tests of functions.
{ lib }:
let
  inherit (builtins) trace;
in
rec {
  traceIf = condition: message: value: if condition then trace message value else value;
  traceVal = traceValFn lib.id;
  traceValFn = f: value: trace (f value) value;
  traceSeq = shown: value: trace (builtins.deepSeq shown shown) value;
  traceValSeq = traceValSeqFn lib.id;
  traceValSeqFn = f: value: traceValFn f (builtins.deepSeq value value);
  traceSeqN = depth: shown: value: trace (lib.generators.toPretty { } (lib.generators.withRecursion { depthLimit = depth; throwOnDepthLimit = false; } shown)) value;
  traceValSeqN = depth: value: traceSeqN depth value value;
  traceFnSeqN = depth: name: f: argument:
    let result = f argument; in traceSeqN depth { fn = name; from = argument; to = result; } result;
  # Every test is { expr, expected }; the result names those that differ.
  runTests = tests:
    lib.concatLists (lib.mapAttrsToList
      (name: test:
        if (lib.hasPrefix "test" name || tests ? tests && builtins.elem name tests.tests) && test.expr != test.expected
        then [ { inherit name; inherit (test) expected; result = test.expr; } ]
        else [ ])
      (removeAttrs tests [ "tests" ]));
  throwTestFailures = { failures, description ? "tests", ... }:
    if failures == [ ] then null else throw "${toString (builtins.length failures)} failing ${description}: ${lib.generators.toPretty { } failures}";
}

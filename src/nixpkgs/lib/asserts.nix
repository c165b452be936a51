# Assertions that say what is wrong.
{ lib }:
rec {
  assertMsg = condition: message: condition || throw message;
  assertOneOf = name: value: valid:
    assertMsg (builtins.elem value valid) "${name} must be one of ${lib.generators.toPretty { } valid}, but is: ${lib.generators.toPretty { } value}";
  assertEachOneOf = name: values: valid: builtins.all (value: assertOneOf name value valid) values;
  checkAssertWarn = assertions: warnings: value:
    let failed = map (one: one.message) (builtins.filter (one: !one.assertion) assertions); in
    if failed != [ ] then throw "\nFailed assertions:\n${lib.concatMapStrings (message: "- ${message}\n") failed}"
    else lib.showWarnings warnings value;
}

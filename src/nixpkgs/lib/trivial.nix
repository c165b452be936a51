# Functions about nothing in particular: composition, logic, numbers, warnings, what this set is.
{ lib }:
let
  inherit (builtins) isAttrs isFunction trace;
  digits = [ "0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "A" "B" "C" "D" "E" "F" ];
in
rec {
  inherit (builtins) add addErrorContext bitAnd bitOr bitXor ceil deepSeq floor fromJSON genericClosure
    getEnv isBool isFloat isInt isPath lessThan pathExists readDir readFile seq stringLength sub substring tail toJSON typeOf;
  functionArgs = f:
    if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f)) else builtins.functionArgs f;

  id = x: x;
  const = x: _: x;
  pipe = builtins.foldl' (value: f: f value);
  concat = xs: ys: xs ++ ys;
  flip = f: a: b: f b a;
  mapNullable = f: x: if x == null then null else f x;
  defaultTo = default: x: if x == null then default else x;
  mergeAttrs = a: b: a // b;

  or = a: b: a || b;
  and = a: b: a && b;
  xor = a: b: a != b;
  bitNot = builtins.sub (-1);
  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";

  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = a: b: a - b * (a / b);
  compare = a: b: if a < b then -1 else if b < a then 1 else 0;
  # A comparison in which everything that satisfies the predicate comes first.
  splitByAndCompare = first: whenBoth: whenNone: a: b:
    if first a then (if first b then whenBoth a b else -1)
    else if first b then 1
    else whenNone a b;

  toBaseDigits = base: n:
    let
      go = rest: if rest < base then [ rest ] else go (rest / base) ++ [ (mod rest base) ];
    in
    assert builtins.isInt base && base >= 2;
    assert builtins.isInt n && n >= 0;
    go n;
  toHexString = n: builtins.concatStringsSep "" (map (builtins.elemAt digits) (toBaseDigits 16 n));
  fromHexString = text: (fromTOML "n = 0x${lib.removePrefix "0x" (lib.toLower text)}").n;

  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  toFunction = x: if isFunction x then x else _: x;
  setFunctionArgs = f: args: { __functor = _: f; __functionArgs = args; };
  isType = type: x: x._type or null == type;
  setType = type: x: x // { _type = type; };
  mirrorFunctionArgs = f: let args = functionArgs f; in g: setFunctionArgs g args;

  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: fromTOML (builtins.readFile path);

  warn = builtins.warn or (message: value: trace "evaluation warning: ${message}" value);
  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: warnIf (!condition);
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: throwIf (!condition);
  info = message: trace "INFO: ${message}";
  showWarnings = warnings: value: builtins.foldl' (rest: message: warn message rest) value warnings;
  checkListOfEnum = message: valid: given:
    let
      unknown = lib.subtractLists valid given;
    in
    if unknown == [ ] then id
    else throw "${message}: ${builtins.concatStringsSep ", " (map toString unknown)} unexpected; valid ones: ${builtins.concatStringsSep ", " (map toString valid)}";

  # In a release that nixpkgs would call 24.05: code that asks for a minimum version gets the interfaces of that time.
  release = "24.05";
  oldestSupportedRelease = 2311;
  isInOldestRelease = number: oldestSupportedRelease >= number;
  oldestSupportedReleaseIsAtLeast = isInOldestRelease;
  version = release + versionSuffix;
  versionSuffix = "pre-nixlet";
  codeName = "Uakari";
  trivialVersion = release;
  revisionWithDefault = default: default;
  inNixShell = builtins.getEnv "IN_NIX_SHELL" != "";
  inPureEvalMode = !(builtins ? currentSystem);
  nixpkgsVersion = version;
}

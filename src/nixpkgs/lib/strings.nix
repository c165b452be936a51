# Strings: joining, splitting, affixes, case, escaping for other languages, numbers, paths in strings.
{ lib }:
let
  inherit (builtins) concatStringsSep elem elemAt filter genList head isList isString length map match replaceStrings
    split stringLength substring tail;
  lowerChars = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperChars = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  stringToCharacters = text: genList (i: substring i 1 text) (stringLength text);
  ascii = import ./ascii.nix;
in
rec {
  inherit (builtins) compareVersions concatStringsSep isString match parseDrvName readFile replaceStrings split
    splitVersion stringLength substring unsafeDiscardStringContext;
  inherit lowerChars upperChars stringToCharacters;
  storeDir = builtins.storeDir;

  # -- joining
  concatStrings = concatStringsSep "";
  join = concatStringsSep;
  concatMapStrings = f: xs: concatStrings (map f xs);
  concatImapStrings = f: xs: concatStrings (lib.imap1 f xs);
  concatMapStringsSep = separator: f: xs: concatStringsSep separator (map f xs);
  concatImapStringsSep = separator: f: xs: concatStringsSep separator (lib.imap1 f xs);
  concatMapAttrsStringSep = separator: f: set: concatStringsSep separator (lib.mapAttrsToList f set);
  concatLines = concatMapStrings (line: line + "\n");
  intersperse = lib.lists.intersperse;
  replicate = n: text: concatStrings (lib.lists.replicate n text);
  fixedWidthString = width: filler: text:
    let
      missing = width - stringLength text;
      wide = replicate missing filler;
    in
    assert lib.assertMsg (missing >= 0) "fixedWidthString: requested string length (${toString width}) must not be shorter than actual length (${toString (stringLength text)})";
    substring 0 missing wide + text;
  fixedWidthNumber = width: n: fixedWidthString width "0" (toString n);
  optionalString = condition: text: if condition then text else "";
  commonPrefixLength = a: b:
    let
      n = lib.min (stringLength a) (stringLength b);
      go = i: if i == n || substring i 1 a != substring i 1 b then i else go (i + 1);
    in
    go 0;
  commonSuffixLength = a: b: commonPrefixLength (reverse a) (reverse b);
  reverse = text: concatStrings (lib.reverseList (stringToCharacters text));

  # -- search paths and build flags
  makeSearchPath = subDir: packages: concatStringsSep ":" (map (path: path + "/" + subDir) (filter (x: x != null) packages));
  makeSearchPathOutput = output: subDir: packages: makeSearchPath subDir (map (lib.getOutput output) packages);
  makeLibraryPath = packages: makeSearchPath "lib" (map lib.getLib packages);
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";
  enableFeature = flag: name: assert isString name; "--${if flag then "enable" else "disable"}-${name}";
  enableFeatureAs = flag: name: value: enableFeature flag name + optionalString flag "=${value}";
  withFeature = flag: name: assert isString name; "--${if flag then "with" else "without"}-${name}";
  withFeatureAs = flag: name: value: withFeature flag name + optionalString flag "=${value}";
  cmakeOptionType = type: name: value: "-D${name}:${lib.toUpper type}=${value}";
  cmakeBool = name: flag: cmakeOptionType "bool" name (lib.toUpper (lib.boolToString flag));
  cmakeFeature = cmakeOptionType "string";
  mesonOption = name: value: "-D${name}=${value}";
  mesonBool = name: flag: mesonOption name (lib.boolToString flag);
  mesonEnable = name: flag: mesonOption name (if flag then "enabled" else "disabled");

  # -- splitting
  splitString = separator: text:
    let
      parts = filter isString (split (escapeRegex (builtins.unsafeDiscardStringContext separator)) (builtins.unsafeDiscardStringContext text));
    in
    map (addContextFrom text) parts;
  splitStringBy = _: throw "lib.strings.splitStringBy is not in the embedded package set";
  stringAsChars = f: text: concatStrings (map f (stringToCharacters text));
  addContextFrom = source: target: substring 0 0 source + target;
  trim = trimWith { start = true; end = true; };
  trimWith = { start ? false, end ? false }: text:
    let
      spaces = "[ \t\r\n]*";
      found = match "${if start then spaces else "()"}(${if end then "|.*[^ \t\r\n]" else ".*"})${if end then spaces else "()"}" text;
      # The parts that only hold a place are groups too.
      index = if start then 0 else 1;
    in
    if text == "" || found == null then text else addContextFrom text (elemAt found index);

  # -- affixes
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix = suffix: text:
    let
      start = stringLength text - stringLength suffix;
    in
    start >= 0 && substring start (-1) text == suffix;
  hasInfix = infix: text: infix == "" || length (split (escapeRegex infix) "${text}") > 1;
  removePrefix = prefix: text:
    if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  removeSuffix = suffix: text:
    if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
  charToInt = char: ascii.${char} or (throw "charToInt: '${char}' is not one ASCII character");

  # -- case
  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;
  toSentenceCase = text: toUpper (substring 0 1 text) + toLower (substring 1 (-1) text);
  toCamelCase = text:
    let
      words = filter (word: isString word && word != "") (split "[^[:alnum:]]+" text);
    in
    if words == [ ] then "" else toLower (head words) + concatMapStrings toSentenceCase (tail words);

  # -- escaping
  escape = chars: replaceStrings chars (map (char: "\\" + char) chars);
  escapeC = chars: replaceStrings chars (map (char: "\\x" + fixedWidthString 2 "0" (toLower (lib.toHexString (charToInt char)))) chars);
  escapeURL =
    let
      safe = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    in
    stringAsChars (char: if elem char safe then char else "%" + fixedWidthString 2 "0" (lib.toHexString (charToInt char)));
  escapeShellArg = value:
    let
      text = toString value;
    in
    if match "[[:alnum:],._+:@%/-]+" text != null then text else "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  toShellVar = name: value:
    lib.throwIfNot (isValidPosixName name) "toShellVar: ${name} is not a valid shell variable name"
      (if builtins.isAttrs value && !isStringLike value then
        "declare -A ${name}=(${concatStringsSep " " (lib.mapAttrsToList (key: one: "[${escapeShellArg key}]=${escapeShellArg one}") value)})"
      else if isList value then "declare -a ${name}=(${escapeShellArgs value})"
      else "${name}=${escapeShellArg value}");
  toShellVars = vars: concatStringsSep "\n" (lib.mapAttrsToList toShellVar vars);
  escapeNixString = text: escape [ "$" ] (builtins.toJSON text);
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeNixIdentifier = name:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null && !(elem name reservedWords) then name else escapeNixString name;
  reservedWords = [ "if" "then" "else" "assert" "with" "let" "in" "rec" "inherit" ];
  escapeXML = replaceStrings [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];
  escapeQuery = escapeURL;

  # -- what a value is
  isStringLike = x: isString x || builtins.isPath x || x ? outPath || x ? __toString;
  isConvertibleWithToString = x:
    isStringLike x || elem (builtins.typeOf x) [ "null" "int" "float" "bool" ] || (isList x && lib.all isConvertibleWithToString x);
  isCoercibleToString = isConvertibleWithToString;
  isSimpleCoercibleString = isStringLike;
  isStorePath = x:
    isStringLike x && (let text = toString x; in substring 0 1 text == "/" && dirOf text == builtins.storeDir);
  hasContext = builtins.hasContext;

  # -- numbers
  toInt = text:
    let
      found = match "[[:space:]]*(-?)(0*)([[:digit:]]*)[[:space:]]*" text;
      digits = elemAt found 2;
      zeros = elemAt found 1;
    in
    if found == null || (digits == "" && zeros == "") then throw "toInt: Could not convert ${escapeNixString text} to int."
    else if zeros != "" && digits != "" then throw "toInt: Ambiguity in interpretation of ${escapeNixString text} between octal and zero padded integer."
    else builtins.fromJSON (elemAt found 0 + (if digits == "" then "0" else digits));
  toIntBase10 = text:
    let
      found = match "[[:space:]]*(-?)0*([[:digit:]]+)[[:space:]]*" text;
    in
    if found == null then throw "toIntBase10: Could not convert ${escapeNixString text} to int."
    else builtins.fromJSON (elemAt found 0 + elemAt found 1);
  floatToString = x: let text = toString x; json = builtins.toJSON x; in if match "-?[0-9]+" json != null then "${json}.0" else json;

  # -- names, files, versions
  getName = x: if isString x then (builtins.parseDrvName x).name else x.pname or (builtins.parseDrvName x.name).name;
  getVersion = x: if isString x then (builtins.parseDrvName x).version else x.version or (builtins.parseDrvName x.name).version;
  nameFromURL = url: separator:
    let
      name = head (splitString separator (lib.last (splitString "/" url)));
    in
    assert name != lib.last (splitString "/" url);
    name;
  versionOlder = a: b: builtins.compareVersions b a == 1;
  versionAtLeast = a: b: !versionOlder a b;
  normalizePath = text: concatStringsSep "/" (filterIndexed (splitString "/" text));
  # Keeps the empty parts at both ends, which stand for a leading and a trailing slash.
  filterIndexed = parts: map (i: elemAt parts i) (filter (i: i == 0 || i == length parts - 1 || elemAt parts i != "") (lib.range 0 (length parts - 1)));
  readPathsFromFile = rootPath: file:
    map (line: rootPath + "/${line}") (filter (line: line != "" && !hasPrefix "#" line) (splitString "\n" (builtins.readFile file)));
  fileContents = file: removeSuffix "\n" (builtins.readFile file);
  sanitizeDerivationName = name:
    let
      # Only [a-zA-Z0-9+._?=-] may stand in a store path, and no dot at the start.
      clean = concatStrings (map (part: if isList part then "-" else part)
        (split "[^[:alnum:]+._?=-]+" (lib.last (match "\\.*(.*)" (builtins.unsafeDiscardStringContext (toString name))))));
      size = stringLength clean;
    in
    if clean == "" then "unknown" else substring (lib.max 0 (size - 207)) (-1) clean;
  levenshtein = a: b:
    let
      n = stringLength b;
      row = previous: i:
        builtins.foldl'
          (built: j: built ++ [
            (lib.min (lib.min (lib.last built + 1) (elemAt previous j + 1))
              (elemAt previous (j - 1) + (if substring (i - 1) 1 a == substring (j - 1) 1 b then 0 else 1)))
          ])
          [ i ]
          (lib.range 1 n);
    in
    lib.last (builtins.foldl' row (lib.range 0 n) (lib.range 1 (stringLength a)));
  levenshteinAtMost = k: a: b: levenshtein a b <= k;
}

/**
 * What a message says, in words that are the same for 2.8 and 2.36: which variable is undefined, which type was expected
 * and which one found. Only the first line counts, and of that nothing that one of both versions leaves out.
 */
type Rule = readonly [pattern: RegExp, gist: string];

const rules: readonly Rule[] = [
  // 2.36 tells what is not equal.
  [/^assertion '.*$/s, 'assertion'],
  [
    /^.* (?:is not equal to|differs from) .*$|^attribute name .* is contained in .*$|^distinct functions.*$/s,
    'assertion',
  ],
  // Types; 2.36 shows the value, too.
  [/^expected (?:an? )?(.+?) but found (?:an? )?(\w[\w' -]*?)(?:: .*)?$/, 'expected $1 but found $2'],
  [/^value is (?:an? )?(.+?) while (?:an? )?(.+?) was expected$/, 'expected $2 but found $1'],
  [/^cannot coerce (?:an? )?([\w' -]+?) to a string.*$/, 'cannot coerce $1'],
  [/^cannot compare ([\w' -]+? with [\w' -]+?)(?:;.*)?$/, 'cannot compare $1'],
  [/^attempt to call something which is not a function but (?:an? )?([\w' -]+?)(?:[:;].*)?$/, 'cannot call $1'],
  // Attributes and arguments.
  [/^attribute '(.*?)' missing for call to '\w+'$/, "attribute '$1' missing"],
  [/^attribute '(.*)' required$/, "attribute '$1' missing"],
  [/^required attribute '(.*)' missing$/, "attribute '$1' missing"],
  [/^.*\bcalled (without required|with unexpected) argument '(.*?)'$/, 'called $1 argument $2'],
  [/^unsupported argument '(.*)' to .*$/, "unsupported argument '$1'"],
  [/^(?:missing required )?'path' (?:attribute in the first argument to 'builtins\.path'|required)$/, 'path required'],
  [/^((?:dynamic )?attribute '.*' already defined at) .*$/s, '$1 ...'],
  // Lists.
  [/^'(?:builtins\.)?(?:head|tail)' called on an empty list$|^list index 0 is out of bounds$/, 'list index'],
  [/^'builtins\.elemAt' called with index (-?\d+) on.*$/, 'list index $1'],
  [/^list index (-?\d+) is out of bounds$/, 'list index $1'],
  [/^list index 0$/, 'list index'],
  // Files.
  [/^path '(.*)' does not exist$/, 'no path $1'],
  [/^(?:getting status of|opening file|opening directory) '(.*)': No such file or directory$/, 'no path $1'],
  [/^(?:getting status of|opening file|opening directory) '(.*)': Not a directory$/, 'no path $1'],
  // Cut off where the name has an empty line in it.
  [/^path '([^']*)$|^getting status of '([^']*)$/, 'no path $1$2'],
  [/^reading from file(?: '.*')?: Is a directory$/, 'reading from file: Is a directory'],
  // Store paths, hashes, contexts.
  [/^unknown hash algorithm '(.*)', expect .*$/, "unknown hash algorithm '$1'"],
  [/^invalid character in (?:Nix32|Base).*$|^invalid base-\d+ hash .*$/, 'invalid hash'],
  [/^(hash '.*' has wrong length for hash) (?:type|algorithm) (.*)$/, '$1 $2'],
  [/^(?:invalid derivation name: )?name must not be empty\b.*$|^store path '.*' has an empty name$/, 'no name'],
  [/^(?:invalid derivation name: )?name '(.*)' contains illegal character.*$/, "name '$1'"],
  [/^path '.*' is not a valid store path: name '(.*)' contains illegal character.*$/, "name '$1'"],
  [/^store path '[0-9a-z]{32}-(.*)' contains illegal character.*$/, "name '$1'"],
  [/^the string '.*' is not allowed to refer to a store path .*$/, 'no reference allowed'],
  [/^[Cc]ontext key '(.*?)(?:' is not a store path)?$/, "context key '$1'"],
  [/^derivation names are .*$/, 'derivation name ends in .drv'],
  [/^files created by builtins\.toFile may not.*$|^in 'toFile': the file.*$/, 'reference in toFile'],
  // Texts in other formats: their parsers word everything in other ways, and JSON's shows more or less of what it has read.
  [/^(?:error )?while parsing (?:a )?TOML.*$|^.*\btoml::.*$/s, 'TOML'],
  [/^(\[json\.exception.*?\]).*$/s, '$1'],
  [/^JSON .*$|^.*json.*outside of Nix integer range.*$/s, 'JSON'],
  // Syntax: what else would have been right is in names of tokens.
  [/^syntax error.*$/s, 'syntax error'],
  [/^stack overflow.*$/, 'stack overflow'],
  [/^'from' and 'to' arguments .*$/, 'replaceStrings: lengths'],
];

export function gistOf(message: string): string {
  // 2.8 writes some texts as literals, turns tabs into blanks, and takes those at the ends away.
  const shown = /missing for call to|^Context key|^dynamic attribute|^.* called with/.test(message)
    ? message.replaceAll(/'"((?:[^"\\]|\\.)*)"'/g, (_, literal: string) => `'${unescaped(literal)}'`)
    : message;
  let gist = shown
    .split(/\n\s*\n|\n\s+at /)[0]!
    .replaceAll(/\s+/g, ' ')
    .trim();
  for (const [pattern, replacement] of rules) gist = gist.replace(pattern, replacement);
  return gist;
}

function unescaped(literal: string): string {
  return literal.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' || c === 'r' ? ' ' : c));
}

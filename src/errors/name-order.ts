/**
 * C++ Nix goes through a set in the order in which it first met the names, anywhere in what it has read so far, and that
 * order can be seen: it decides which of two superfluous arguments a message tells, for one. Here nobody counts names while
 * files are read. The names that the evaluator itself knows come first and are listed; for others the texts that were read
 * are looked through when it matters, which is only when something has failed.
 */
import { readSources } from './position.ts';

/** In the order of C++ Nix's table. */
const known =
  'outPath drvPath type meta name value system __overrides outputs outputName __ignoreNulls file line column __functor __toString right wrong __structuredAttrs __json allowedReferences allowedRequisites disallowedReferences disallowedRequisites maxSize maxClosureSize builder args __contentAddressed __impure outputHash outputHashAlgo outputHashMode recurseForDerivations description self startSet operator key path prefix outputSpecified requiredSystemFeatures __sub __lessThan __mul __div or __findFile __nixPath body'.split(
    ' ',
  );
const rank: ReadonlyMap<string, number> = new Map(known.map((name, i) => [name, i]));

/** The names that the evaluator knows before all others, which stay as they are. */
export function knownFirst(names: readonly string[]): readonly string[] {
  const first = names.filter((name) => rank.has(name));
  if (first.length === 0) return names;
  first.sort((a, b) => rank.get(a)! - rank.get(b)!);
  return first.length === names.length ? first : [...first, ...names.filter((name) => !rank.has(name))];
}

/** Names in the order in which C++ Nix has met them. Those that stand in no text come last, as they are. */
export function asMet(names: readonly string[]): readonly string[] {
  const ordered = knownFirst(names);
  const others = ordered.filter((name) => !rank.has(name));
  if (others.length < 2) return ordered;
  const wanted = new Set(others);
  const found: string[] = [];
  for (const { text } of readSources()) {
    if (![...wanted].some((name) => text.includes(name))) continue;
    for (const name of namesIn(text)) if (wanted.delete(name)) found.push(name);
    if (wanted.size < 2) break;
  }
  return [...ordered.filter((name) => rank.has(name)), ...found, ...wanted];
}

/** What is no name is skipped: comments, and texts without interpolation unless they stand where an attribute's name does. */
const lexeme =
  /#[^\n\r]*|\/\*[\s\S]*?\*\/|"((?:[^"\\$]|\\[\s\S]|\$(?!\{))*)"(?=(\s*[.=](?!=))?)|''(?:[^'$]|'(?!')|\$(?!\{)|''['$\\])*''|([A-Za-z_][\w'-]*)(\s*:(?![\w%/?:@&=+$,.!~*'-]))?/g;

/** The name of a whole argument is left out: C++ Nix meets it after the function's body. */
function* namesIn(text: string): Generator<string> {
  for (const [, string, isName, identifier, isArgument] of text.matchAll(lexeme)) {
    const name = identifier ?? (isName === undefined ? undefined : string);
    if (name !== undefined && isArgument === undefined) yield name;
  }
}

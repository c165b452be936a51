/** What nixlet adds to Nix's own words where a mistake is common and its place far from where the parser stumbles. */
import { Colon, Identifier, type NixToken, With } from '../../grammar/tokens.ts';

/**
 * `with pkgs: ...` reads as `with (pkgs: ...)`, which nobody means; the parser only stumbles over what it finds, or
 * misses, where that function ends: often at the end of the file, for want of a semicolon. `locate` prints an offset.
 */
export function hintFor(
  tokens: readonly NixToken[],
  errorOffset: number,
  locate: (offset: number) => string,
): string | undefined {
  const at = tokens.findIndex(
    ({ tokenType }, i) =>
      tokenType === With && tokens[i + 1]?.tokenType === Identifier && tokens[i + 2]?.tokenType === Colon,
  );
  if (at < 0 || tokens[at]!.startOffset > errorOffset) return undefined;
  const name = tokens[at + 1]!.image;
  const place = locate(tokens[at]!.startOffset);
  return `'with ${name}:' at ${place} makes '${name}' a function argument; did you mean 'with ${name};'?`;
}

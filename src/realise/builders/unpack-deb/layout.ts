/**
 * Where a file of a Debian package stands in a store path: without /usr, with one `bin` for all programs. The
 * multiarch directory stays (programs and libraries have its name compiled in), and so do share, libexec, etc, var.
 *
 *   usr/bin  bin  usr/sbin  sbin  usr/games   -> bin
 *   lib64    usr/lib64                        -> lib/<triplet>
 *   usr/X                                     -> X
 *
 * Links must be resolved in the package's own layout first and mapped then: `usr` counts as a level for `..`.
 */

/** Maps a normalised path of the package (relative-path.ts) to one of the output. */
export function outputPath(path: string, triplet: string): string {
  const inUsr = path === 'usr' || path.startsWith('usr/');
  const stripped = inUsr ? path.slice(4) : path;
  const slash = stripped.indexOf('/');
  const top = slash < 0 ? stripped : stripped.slice(0, slash);
  const rest = slash < 0 ? '' : stripped.slice(slash);
  if (top === 'sbin' || (top === 'games' && inUsr)) return `bin${rest}`;
  if (top === 'lib64') return `lib/${triplet}${rest}`;
  return stripped;
}

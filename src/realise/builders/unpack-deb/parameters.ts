/** What a derivation with `builder = "builtin:unpack-deb"` may say. */
import { compareBytewise } from '../../../base/order.ts';
import { AttributeReader, type Attributes } from '../attributes.ts';

export interface DebInput {
  /** Logical store path of the .deb file. */
  readonly file: string;
  /** Debian's name of the package. */
  readonly package: string;
}

export interface UnpackDebParameters {
  /** Merged into one tree, in this order. */
  readonly debs: readonly DebInput[];
  /** Store paths in which libraries, interpreters and link destinations are looked for; direct dependencies first. */
  readonly dependencies: readonly string[];
  /** Base name of an interpreter (`sh`) -> its path in the store; for those that Debian leaves out of Depends. */
  readonly interpreters: ReadonlyMap<string, string>;
  /** Path of the dynamic loader; undefined in the package that brings it. */
  readonly loader: string | undefined;
  /** Debian's multiarch name, e.g. x86_64-linux-gnu. */
  readonly triplet: string;
  /** Further symbolic links: path in the output and text; in byte order of the paths. */
  readonly links: readonly (readonly [path: string, text: string])[];
  /** Paths (with all below) or globs to leave out, in the output's own layout. */
  readonly remove: readonly string[];
  /** Store paths for nix-support/propagated-build-inputs. */
  readonly propagated: readonly string[];
  /** Names from fixups/table.ts. */
  readonly fixups: readonly string[];
  /**
   * Start of a path that is compiled into programs -> what it is to be; null for the same path in this package or a
   * dependency. See elf/compiled-paths.ts.
   */
  readonly compiledPaths: ReadonlyMap<string, string | null>;
  /** Store paths with modules for the package's programs in Python; see python-programs.ts. */
  readonly pythonPath: readonly string[];
}

export function readParameters(attrs: Attributes): UnpackDebParameters {
  const reader = new AttributeReader('unpack-deb', attrs);
  const debs = reader.records('debs').map((record) => {
    const deb = reader.within(record);
    return { file: deb.text('file'), package: deb.text('package', '') };
  });
  return {
    debs,
    dependencies: reader.texts('dependencies'),
    interpreters: reader.textRecord('interpreters'),
    loader: reader.optionalText('loader'),
    triplet: reader.text('triplet', 'x86_64-linux-gnu'),
    links: [...reader.textRecord('links')].sort(([a], [b]) => compareBytewise(a, b)),
    remove: reader.texts('remove'),
    propagated: reader.texts('propagated'),
    fixups: reader.texts('fixups'),
    pythonPath: reader.texts('pythonPath'),
    compiledPaths: new Map(
      Object.entries(reader.record('compiledPaths')).map(([from, to]) => [from, to === null ? null : String(to)]),
    ),
  };
}

/**
 * A fixup redoes, without running anything, what a package's maintainer scripts or triggers would have done to its
 * files. It works on the tree before links, scripts and ELF files are rewritten.
 */
import type { Tree } from '../tree.ts';

export interface FixupContext {
  readonly tree: Tree;
  /** Logical path of the output. */
  readonly out: string;
  log(line: string): void;
}

export interface Fixup {
  readonly name: string;
  /** One sentence: what it makes. */
  readonly doc: string;
  apply(context: FixupContext): void;
}

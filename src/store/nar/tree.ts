/** Trees of files in memory, and their NARs: for tests, the memory store and whatever is too small for a disk. */
import { compareBytewise } from '../../base/order.ts';
import { NarReader, type NarVisitor } from './read.ts';
import { NarWriter } from './write.ts';

export type FileTree =
  | { readonly type: 'regular'; readonly executable: boolean; readonly contents: Uint8Array }
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'directory'; readonly entries: ReadonlyMap<string, FileTree> };

/** The NAR of a tree. Entries are put in order. */
export function* narOfTree(tree: FileTree): Generator<Uint8Array, void, void> {
  const writer = new NarWriter();
  writer.begin();
  yield* nodeChunks(writer, tree);
  yield writer.take();
}

function* nodeChunks(writer: NarWriter, tree: FileTree): Generator<Uint8Array, void, void> {
  if (writer.full) yield writer.take();
  switch (tree.type) {
    case 'symlink':
      writer.symlink(tree.target);
      return;
    case 'regular':
      writer.openFile(tree.contents.length, tree.executable);
      yield writer.take();
      yield tree.contents;
      writer.closeFile(tree.contents.length);
      return;
    case 'directory': {
      writer.openDirectory();
      for (const name of [...tree.entries.keys()].sort(compareBytewise)) {
        writer.openEntry(name);
        yield* nodeChunks(writer, tree.entries.get(name)!);
        writer.closeEntry();
      }
      writer.closeDirectory();
    }
  }
}

/** Reads a NAR into memory. */
export function treeOfNar(chunks: Iterable<Uint8Array>): FileTree {
  const builder = new TreeBuilder();
  const reader = new NarReader(builder);
  for (const chunk of chunks) reader.write(chunk);
  reader.end();
  return builder.root!;
}

class TreeBuilder implements NarVisitor {
  root: FileTree | undefined;
  private readonly open: Map<string, FileTree>[] = [];
  private file: { name: string; executable: boolean; contents: Uint8Array; filled: number } | undefined;

  directory(name: string): void {
    const entries = new Map<string, FileTree>();
    this.put(name, { type: 'directory', entries });
    this.open.push(entries);
  }

  endDirectory(): void {
    this.open.pop();
  }

  regular(name: string, executable: boolean, size: number): void {
    this.file = { name, executable, contents: new Uint8Array(size), filled: 0 };
  }

  data(chunk: Uint8Array): void {
    this.file!.contents.set(chunk, this.file!.filled);
    this.file!.filled += chunk.length;
  }

  endRegular(): void {
    const { name, executable, contents } = this.file!;
    this.put(name, { type: 'regular', executable, contents });
  }

  symlink(name: string, target: string): void {
    this.put(name, { type: 'symlink', target });
  }

  private put(name: string, tree: FileTree): void {
    const parent = this.open.at(-1);
    if (parent) parent.set(name, tree);
    else this.root = tree;
  }
}

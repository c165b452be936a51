/** Points the interpreter and run path of every ELF file of a tree into the store. */
import { setImmediate } from 'node:timers/promises';
import { baseName } from '../relative-path.ts';
import type { Dependencies } from './dependencies.ts';
import { editCompiledPaths } from './elf/compiled-paths.ts';
import { type ElfFile, isElf, readElf } from './elf/elf-file.ts';
import { isLoader, makeLoaderPure } from './elf/loader-purity.ts';
import { rewriteElf } from './elf/rewrite-elf.ts';
import type { UnpackDebParameters } from './parameters.ts';
import type { PathReplacement } from './path-replacements.ts';
import { RunPaths } from './run-paths.ts';
import type { Tree } from './tree.ts';

export interface ElfFilesContext {
  readonly out: string;
  readonly parameters: UnpackDebParameters;
  readonly dependencies: Dependencies;
  readonly replacements: readonly PathReplacement[];
  log(line: string): void;
}

export async function rewriteElfFiles(tree: Tree, context: ElfFilesContext): Promise<void> {
  const { out, dependencies, log } = context;
  const { triplet } = context.parameters;
  const files = tree.files().filter(([, node]) => isElf(node.data));
  const loader = context.parameters.loader ?? ownLoader(tree, out);
  const runPaths = new RunPaths({ tree, out, triplet, dependencies });
  for (const [path, node] of files) {
    if (isLoader(baseName(path))) node.data = makeLoaderPure(node.data);
    const elf = readElf(node.data);
    if (!elf) continue;
    const { directories, missing } = runPaths.resolve(path, elf);
    if (missing.length > 0) log(`${path} needs ${missing.join(', ')}, which no dependency has`);
    const compiled = editCompiledPaths(elf, context.replacements);
    for (const text of compiled?.unreferenced ?? []) log(`${path} keeps ${text}, in a place that cannot be changed`);
    const interpreter = newInterpreter(path, elf);
    node.data = rewriteElf(elf, { interpreter, runPath: directories.join(':'), ...compiled });
    await setImmediate();
  }

  function newInterpreter(path: string, elf: ElfFile): string | undefined {
    if (elf.interpreter === undefined) return undefined;
    if (loader !== undefined && baseName(loader) === baseName(elf.interpreter)) return loader;
    log(`${path} keeps its interpreter ${elf.interpreter}`);
    return undefined;
  }
}

function ownLoader(tree: Tree, out: string): string | undefined {
  const [path] = tree.files().find(([candidate]) => isLoader(baseName(candidate))) ?? [];
  return path === undefined ? undefined : `${out}/${path}`;
}

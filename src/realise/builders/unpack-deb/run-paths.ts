/**
 * Which directories a program or library gets as its run path: those, absolute, that supply its own needed libraries,
 * and no others. Searched in this order, which the result keeps (so a library is found where this search found it):
 *
 *   1. the file's old run path ($ORIGIN and Debian paths, here or in a dependency): private directories
 *   2. the standard library directories of this package
 *   3. those of the dependencies, direct ones first
 *
 * Libraries are looked up by file name, links included, as the loader does. It is DT_RUNPATH, per file: every module
 * carries its own, so nothing has to be inherited, and LD_LIBRARY_PATH (drivers of the host) still works.
 * Libraries that are only loaded by name at run time (`dlopen("libgcc_s.so.1")`) are found as strings in the read-only
 * data; where a dependency has one, its directory is added.
 */
import { normalizePath, parentPath } from '../relative-path.ts';
import { type Dependencies, loaderConfiguration, standardLibraryDirectories } from './dependencies.ts';
import { type ElfFile, SHF, SHT } from './elf/elf-file.ts';
import { isLoader } from './elf/loader-purity.ts';
import { outputPath } from './layout.ts';
import type { Tree } from './tree.ts';

export interface RunPathContext {
  readonly tree: Tree;
  readonly out: string;
  readonly triplet: string;
  readonly dependencies: Dependencies;
}

export interface RunPath {
  /** Absolute directories. */
  readonly directories: readonly string[];
  /** Needed libraries that no directory has. */
  readonly missing: readonly string[];
}

export class RunPaths {
  private readonly context: RunPathContext;
  private readonly own: readonly string[];

  constructor(context: RunPathContext) {
    this.context = context;
    const standard = standardLibraryDirectories(context.triplet);
    const configured = context.tree
      .files()
      .filter(([path]) => path.startsWith('etc/ld.so.conf.d/'))
      .flatMap(([, node]) => loaderConfiguration(node.data.toString()));
    this.own = [...new Set([...standard, ...configured])].map((directory) => `${context.out}/${directory}`);
  }

  /** `path` is the file's output path. */
  resolve(path: string, elf: ElfFile): RunPath {
    const search = this.searchDirectories(path, elf);
    const supplies = (name: string) => search.find((directory) => this.has(directory, name));
    const chosen = new Set<string>();
    const missing: string[] = [];
    for (const name of elf.needed) {
      if (name.includes('/') || isLoader(name)) continue; // the loader is always there
      const directory = supplies(name);
      if (directory === undefined) missing.push(name);
      else chosen.add(directory);
    }
    for (const name of libraryNames(elf)) {
      if ([...chosen].some((directory) => this.has(directory, name))) continue;
      const directory = supplies(name);
      if (directory !== undefined) chosen.add(directory);
    }
    return { directories: search.filter((directory) => chosen.delete(directory)), missing };
  }

  private searchDirectories(path: string, elf: ElfFile): string[] {
    const old = (elf.runPath ?? '').split(':').filter((directory) => directory !== '');
    const first = old.flatMap((directory) => {
      const expanded = directory.replace(/^\$(ORIGIN|\{ORIGIN\})/, `/${parentPath(path)}`);
      const inOutput = outputPath(normalizePath(expanded), this.context.triplet);
      return [`${this.context.out}/${inOutput}`, ...this.context.dependencies.inEach(inOutput)];
    });
    return [...first, ...this.own, ...this.context.dependencies.libraryDirectories()];
  }

  private has(directory: string, name: string): boolean {
    const { out, tree, dependencies } = this.context;
    if (!directory.startsWith(`${out}/`)) return dependencies.has(directory, name);
    const node = tree.follow(`${directory.slice(out.length + 1)}/${name}`);
    return node !== undefined && node.kind !== 'directory';
  }
}

/** Strings of the form `lib*.so.N` in the read-only data, in their order. */
function libraryNames(elf: ElfFile): Set<string> {
  const names = new Set<string>();
  for (const section of elf.sections) {
    if (section.type !== SHT.PROGBITS || (section.flags & (SHF.ALLOC | SHF.WRITE | SHF.EXECUTE)) !== SHF.ALLOC)
      continue;
    const data = elf.bytes.subarray(section.offset, section.offset + section.size);
    for (let at = data.indexOf('.so.'); at >= 0; at = data.indexOf('.so.', at + 4)) {
      const start = data.lastIndexOf(0, at) + 1;
      const end = data.indexOf(0, at);
      if (end < 0 || at - start > 64 || end - at > 16) continue;
      const name = data.toString('latin1', start, end);
      if (/^lib[\w+.-]+\.so\.[\d.]+$/.test(name)) names.add(name);
    }
  }
  return names;
}

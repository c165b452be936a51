/**
 * Looks things up in the packages that this one depends on: by Debian path (the destination of a link, the interpreter
 * of a script), or by the name of a library, as the dynamic loader would. A directory of libraries is listed once.
 */
import { normalizePath, parentPath } from '../relative-path.ts';
import type { StoreView } from '../store-view.ts';

export class Dependencies {
  private readonly view: StoreView;
  private readonly storePaths: readonly string[];
  private readonly triplet: string;
  private readonly listings = new Map<string, ReadonlySet<string>>();
  private directories: readonly string[] | undefined;

  constructor(view: StoreView, storePaths: readonly string[], triplet: string) {
    this.view = view;
    this.storePaths = storePaths;
    this.triplet = triplet;
  }

  /** Absolute path of an output path (share/x) in the first dependency that has it. */
  find(path: string): string | undefined {
    if (path === '') return undefined;
    for (const storePath of this.storePaths) {
      const candidate = `${storePath}/${path}`;
      // A link counts even where it dangles: its package is where the path belongs.
      if (this.listing(parentPath(candidate)).has(candidate.slice(parentPath(candidate).length + 1))) return candidate;
    }
    return undefined;
  }

  /** Absolute directories that the loader would search, in order. */
  libraryDirectories(): readonly string[] {
    this.directories ??= this.storePaths.flatMap((storePath) => [
      ...standardLibraryDirectories(this.triplet).map((directory) => `${storePath}/${directory}`),
      ...this.configuredDirectories(storePath),
    ]);
    return this.directories;
  }

  /** The same output directory (lib/x/y) in each dependency that has it. */
  inEach(directory: string): string[] {
    return this.storePaths.map((path) => `${path}/${directory}`).filter((path) => this.listing(path).size > 0);
  }

  /** Has this absolute directory an entry of this name? */
  has(directory: string, name: string): boolean {
    return this.listing(directory).has(name);
  }

  private configuredDirectories(storePath: string): string[] {
    const configuration = `${storePath}/etc/ld.so.conf.d`;
    return [...this.listing(configuration)].flatMap((name) =>
      loaderConfiguration(this.view.read(`${configuration}/${name}`)?.toString() ?? '')
        .map((directory) => `${storePath}/${directory}`)
        .filter((directory) => this.listing(directory).size > 0),
    );
  }

  private listing(directory: string): ReadonlySet<string> {
    let names = this.listings.get(directory);
    if (!names) this.listings.set(directory, (names = new Set(this.view.list(directory))));
    return names;
  }
}

export function standardLibraryDirectories(triplet: string): readonly string[] {
  return [`lib/${triplet}`, 'lib'];
}

/** Directories that a file of /etc/ld.so.conf.d adds, as output paths. */
export function loaderConfiguration(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line.startsWith('/'))
    .map((line) => normalizePath(line).replace(/^usr\//, ''));
}

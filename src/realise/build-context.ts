/** What a built-in builder is given: the derivation, and the parts of store and downloader that it may use. */
import type { Derivation } from '../derivation/derivation.ts';
import { parseHashAlgorithm } from '../derivation/hash-string.ts';
import { isFixedOutput } from '../derivation/output-paths.ts';
import { splitStorePath } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { scanPath } from '../store/identify.ts';
import type { BuildLog } from './build-log.ts';
import type { BuildContext } from './builtin.ts';
import type { Downloader } from './download/download.ts';
import type { KnownPaths } from './known-paths.ts';
import type { BuildReporter } from './reporter.ts';

export interface BuiltinBuild {
  readonly drvPath: string;
  readonly drv: Derivation;
  /** The parsed `__json`, where attributes are structured. */
  readonly structured: Readonly<Record<string, unknown>> | undefined;
  /** Where a valid path is on disk. */
  realPath(path: string): string;
  readonly known: KnownPaths;
  /** Output name -> logical path, and -> where it is to be made. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly staged: ReadonlyMap<string, string>;
  readonly temporary: string;
  readonly download: BuildContext['download'];
  log(line: string): void;
  readonly signal: AbortSignal;
}

export function buildContext(build: BuiltinBuild): BuildContext {
  const { drv, drvPath, known, signal } = build;
  const madeAt = new Map([...build.outputs].map(([name, path]) => [path, build.staged.get(name)!]));
  const physical = (path: string) => {
    const split = splitStorePath(path);
    const made = split && madeAt.get(split.storePath);
    return made === undefined ? build.realPath(path) : made + split!.rest;
  };
  return {
    drv,
    drvPath,
    attrs: build.structured ?? Object.fromEntries(drv.env),
    outputs: build.outputs,
    physical,
    pathInfo: (path) => known.require(path),
    closure: (paths) => known.closure(paths),
    scanReferences: scanPath,
    download: build.download,
    log: (line) => build.log(line),
    temporaryDirectory: build.temporary,
    signal,
  };
}

export interface Downloads {
  readonly drvPath: string;
  readonly drv: Derivation;
  readonly downloader: Downloader | undefined;
  readonly log: BuildLog;
  readonly reporter: BuildReporter;
  readonly signal: AbortSignal;
}

/** Milliseconds between two reports of one download. */
const progressInterval = 100;

/** The downloader as a builder may use it: only towards what a hash settles. */
export function downloadFor({ drv, drvPath, downloader, log, reporter, signal }: Downloads): BuildContext['download'] {
  return async ({ url, destination, algorithm, digest, size }) => {
    if (!downloader) throw new NixError(`cannot fetch '${url}': downloads are switched off`, { class: 'Error' });
    if (!digest && !isFixedOutput(drv))
      throw new NixError(`cannot fetch '${url}': no hash says what it must be`, { class: 'Error' });
    let reported = 0;
    await downloader.download({
      url,
      destination,
      hash: digest && { algorithm: parseHashAlgorithm(algorithm ?? 'sha256'), digest },
      size,
      signal,
      onNotice: (text) => log.writeLine(text),
      onProgress: (received, total) => {
        const now = performance.now();
        if (now - reported < progressInterval && received !== total) return;
        reported = now;
        // A download that moves is not silent.
        log.lastOutput = now;
        reporter.report({ kind: 'download', drvPath, url, received, total });
      },
    });
  };
}

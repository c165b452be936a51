/** A small store in a temporary directory for the builders of images: paths, what they refer to, and builds in it. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeNix32 } from '../../../src/base/nix32.ts';
import { compareBytewise } from '../../../src/base/order.ts';
import type { BuildContext, BuiltinBuilder } from '../../../src/realise/builtin.ts';
import { dumpPath } from '../../../src/store/nar/dump.ts';
import type { PathInfo } from '../../../src/store/path-info.ts';

/** Text, { script } with the executable bit, { link }, or the content of a file. */
export type Content = string | Uint8Array | { readonly script: string | Uint8Array } | { readonly link: string };

export class ImageStore {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'nixlet-image-')));
  readonly cache: string;
  log: string[] = [];
  private readonly paths: string[] = [];

  constructor(cache?: string) {
    this.cache = cache ?? join(this.root, 'cache');
    mkdirSync(join(this.root, 'nix/store'), { recursive: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  physical(logical: string): string {
    return join(this.root, logical);
  }

  /** The path that a name always has. */
  pathOf(name: string): string {
    const hash = encodeNix32(createHash('sha256').update(name).digest().subarray(0, 20));
    return `/nix/store/${hash}-${name}`;
  }

  /** Adds a store path: a file, or a directory with these files. */
  add(name: string, content: Content | Readonly<Record<string, Content>>): string {
    const path = this.pathOf(name);
    if (typeof content === 'string' || content instanceof Uint8Array || 'script' in content || 'link' in content)
      put(this.physical(path), content as Content);
    else {
      mkdirSync(this.physical(path));
      for (const [file, data] of Object.entries(content)) {
        mkdirSync(dirname(join(this.physical(path), file)), { recursive: true });
        put(join(this.physical(path), file), data);
      }
    }
    this.paths.push(path);
    return path;
  }

  pathInfo(path: string): PathInfo {
    const nar = Buffer.concat([...dumpPath(this.physical(path))]);
    const references = this.paths.filter((other) => nar.includes(other.slice('/nix/store/'.length, 43)));
    return {
      path,
      narHash: createHash('sha256').update(nar).digest(),
      narSize: nar.length,
      references: references.sort(compareBytewise),
      deriver: undefined,
      registrationTime: 0,
      ultimate: true,
      signatures: [],
      ca: undefined,
    };
  }

  closure(paths: Iterable<string>): string[] {
    const found = new Set(paths);
    for (const path of found) for (const reference of this.pathInfo(path).references) found.add(reference);
    return [...found].sort(compareBytewise);
  }

  /** Runs a builder; gives the logical path of its output. */
  async build(builder: BuiltinBuilder, name: string, attrs: Record<string, unknown>): Promise<string> {
    const out = this.pathOf(name);
    const temporaryDirectory = mkdtempSync(join(this.root, 'build-'));
    const unused = () => {
      throw new Error('not for builders of images');
    };
    const context: BuildContext = {
      drv: undefined as never,
      drvPath: '',
      attrs,
      outputs: new Map([['out', out]]),
      physical: (path) => this.physical(path),
      pathInfo: (path) => this.pathInfo(path),
      closure: (paths) => this.closure(paths),
      scanReferences: unused,
      download: unused,
      log: (line) => this.log.push(line),
      temporaryDirectory,
      cacheDirectory: this.cache,
      signal: new AbortController().signal,
    };
    await builder.build(context);
    rmSync(temporaryDirectory, { recursive: true, force: true });
    this.paths.push(out);
    return out;
  }

  /** Bytes of a store path that is a file. */
  read(path: string): Buffer {
    return readFileSync(this.physical(path));
  }
}

function put(file: string, content: Content): void {
  if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(file, content);
  else if ('link' in content) symlinkSync(content.link, file);
  else writeFileSync(file, content.script, { mode: 0o755 });
}

/** Something that passes for an ELF executable. */
export const elf = { script: Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(100, 1)]) };

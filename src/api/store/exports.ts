/**
 * nix-store --export and --import: objects as one stream that another store takes in. For each object, those first that
 * others refer to, with all numbers in 8 bytes, little-endian, and strings as in a NAR:
 *
 *   1, the NAR, 0x4558494e, the path, the number of its references and they, its deriver or "", 0 (no signature)
 *
 * and at the end 0. Source: `nix-store --export` in the Nix manual; the numbers were read off its output.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { decodeBytes } from '../../base/bytes.ts';
import { createHasher } from '../../base/hash.ts';
import { equalDigests, printHash } from '../../derivation/hash-string.ts';
import { parseStorePath } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { LocalStore } from '../../store/local/local-store.ts';
import { NarReader, type NarVisitor } from '../../store/nar/read.ts';
import { padding, readLength, wireStrings, writeLength } from '../../store/nar/wire.ts';
import { requirePathInfo, sortByReferences } from '../../store/store.ts';
import type { StoreAccess } from './store-access.ts';

const magic = 0x4558494e;

/** The stream of these paths (not of their closure: name it, if it is wanted). */
export function* exportPaths({ store }: StoreAccess, paths: readonly string[]): Generator<Uint8Array> {
  for (const path of sortByReferences(paths, (one) => requirePathInfo(store, one).references)) {
    const info = requirePathInfo(store, path);
    yield number(1);
    const hasher = createHasher('sha256');
    for (const chunk of store.readNar(path)) {
      hasher.update(chunk);
      yield chunk;
    }
    const digest = hasher.digest();
    if (!equalDigests(digest, info.narHash)) {
      const text = (bytes: Uint8Array) => printHash({ algorithm: 'sha256', digest: bytes }, 'nix32');
      throw new NixError(`hash of path '${path}' has changed from '${text(info.narHash)}' to '${text(digest)}'!`, {
        class: 'StoreError',
      });
    }
    yield number(magic);
    yield wireStrings(path);
    yield number(info.references.length);
    yield wireStrings(...info.references);
    yield wireStrings(info.deriver ?? '');
    yield number(0);
  }
  yield number(0);
}

/** Adds what a stream holds; gives the paths, in its order. */
export function* importPaths({ store }: StoreAccess, chunks: Iterable<Uint8Array>): Generator<string> {
  const source = new Source(chunks);
  for (;;) {
    const more = source.number();
    if (more === 0) return;
    if (more !== 1) throw broken("input doesn't look like something created by 'nix-store --export'");
    yield importOne(store, source);
  }
}

/** What the NAR is comes after it: it waits in a file. */
function importOne(store: LocalStore, source: Source): string {
  const spool = store.stage(`${store.storeDir}/import`);
  const file = openSync(spool, 'wx+', 0o600);
  try {
    const hasher = createHasher('sha256');
    let narSize = 0;
    source.archive((part) => {
      hasher.update(part);
      for (let done = 0; done < part.length; ) done += writeSync(file, part, done, part.length - done, narSize + done);
      narSize += part.length;
    });
    if (source.number() !== magic) throw broken('Nix archive cannot be imported; wrong format');
    const path = parseStorePath(source.string(), store.storeDir);
    const references = Array.from({ length: source.number() }, () => parseStorePath(source.string(), store.storeDir));
    const deriver = source.string() || undefined;
    if (source.number() === 1) source.string(); // a signature, as old versions wrote it
    const identity = { narHash: hasher.digest(), narSize };
    store.addNar({ path, references, deriver }, readBack(file, narSize), identity);
    return path;
  } finally {
    closeSync(file);
    rmSync(spool, { force: true });
    store.discard(spool);
  }
}

function* readBack(file: number, size: number): Generator<Uint8Array> {
  for (let position = 0; position < size; ) {
    const buffer = new Uint8Array(Math.min(1 << 18, size - position));
    const count = readSync(file, buffer, 0, buffer.length, position);
    if (count === 0) throw broken('the spooled archive became shorter');
    yield buffer.subarray(0, count);
    position += count;
  }
}

function number(value: number): Uint8Array {
  const out = new Uint8Array(8);
  writeLength(out, 0, value);
  return out;
}

function broken(message: string): NixError {
  return new NixError(message, { class: 'Error' });
}

const unseen: NarVisitor = {
  directory() {},
  endDirectory() {},
  regular() {},
  data() {},
  endRegular() {},
  symlink() {},
};

/** Bytes on demand out of chunks of any size. */
class Source {
  private readonly chunks: Iterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: Iterable<Uint8Array>) {
    this.chunks = chunks[Symbol.iterator]();
  }

  number(): number {
    return readLength(this.take(8), 0);
  }

  string(): string {
    const length = this.number();
    if (length > 1 << 20) throw broken('string is too long');
    return decodeBytes(this.take(length + padding(length)).subarray(0, length));
  }

  /** Hands on the bytes of one NAR, and not a byte more. */
  archive(use: (part: Uint8Array) => void): void {
    const reader = new NarReader(unseen);
    while (!reader.ended) {
      if (this.rest.length === 0) this.rest = this.pull();
      const used = reader.accept(this.rest);
      use(this.rest.subarray(0, used));
      this.rest = this.rest.subarray(used);
    }
  }

  private take(size: number): Uint8Array {
    const out = new Uint8Array(size);
    for (let filled = 0; filled < size; ) {
      if (this.rest.length === 0) this.rest = this.pull();
      const part = this.rest.subarray(0, size - filled);
      out.set(part, filled);
      filled += part.length;
      this.rest = this.rest.subarray(part.length);
    }
    return out;
  }

  private pull(): Uint8Array {
    for (;;) {
      const { done, value } = this.chunks.next();
      if (done) throw broken('unexpected end-of-file');
      if (value.length > 0) return value;
    }
  }
}

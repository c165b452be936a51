/**
 * Reads NARs: bytes go in with `write`, in chunks of any size, and a visitor is told what they say. A push parser serves
 * streams of every kind, synchronous or not. Strict: what is not the one NAR of some tree is refused, and names that could
 * lead out of the tree first of all.
 */
import { decodeBytes } from '../../base/bytes.ts';
import { compareBytewise } from '../../base/order.ts';
import { NixError } from '../../errors/nix-error.ts';
import { padding, readLength } from './wire.ts';

/** Names are those of entries; the root's is ''. */
export interface NarVisitor {
  directory(name: string): void;
  endDirectory(): void;
  regular(name: string, executable: boolean, size: number): void;
  /** Part of the contents of the file that `regular` began; valid during the call only. */
  data(chunk: Uint8Array): void;
  endRegular(): void;
  symlink(name: string, target: string): void;
}

/** What the grammar asks its driver for: `bytes` in one piece, or what there is of them. */
interface Want {
  readonly bytes: number;
  readonly whole: boolean;
}

/** Names and targets longer than this are no file names. */
const longestString = 64 * 1024;

export class NarReader {
  private readonly parser: Generator<Want, void, Uint8Array>;
  private want: Want | undefined;
  /** Bytes of an unfinished piece. */
  private pending: Uint8Array = new Uint8Array(0);

  constructor(visitor: NarVisitor) {
    this.parser = archive(visitor);
    this.advance(this.parser.next());
  }

  write(chunk: Uint8Array): void {
    if (this.accept(chunk) < chunk.length) throw broken('it goes on after its end');
  }

  /** The archive is complete. */
  get ended(): boolean {
    return this.want === undefined;
  }

  /** As `write`, for a stream that goes on after the archive: gives how many bytes of the chunk belong to it. */
  accept(chunk: Uint8Array): number {
    const before = this.pending.length;
    let bytes = chunk;
    if (this.pending.length > 0) {
      bytes = new Uint8Array(this.pending.length + chunk.length);
      bytes.set(this.pending);
      bytes.set(chunk, this.pending.length);
      this.pending = new Uint8Array(0);
    }
    let offset = 0;
    while (this.want) {
      const available = bytes.length - offset;
      const size = this.want.whole ? this.want.bytes : Math.min(this.want.bytes, available);
      if (size > available || (size === 0 && this.want.bytes > 0)) {
        this.pending = bytes.slice(offset);
        return chunk.length;
      }
      this.advance(this.parser.next(bytes.subarray(offset, offset + size)));
      offset += size;
    }
    return offset - before;
  }

  end(): void {
    if (this.want) throw broken('unexpected end of the archive');
  }

  private advance(step: IteratorResult<Want, void>): void {
    this.want = step.done ? undefined : step.value;
  }
}

function* archive(visitor: NarVisitor): Generator<Want, void, Uint8Array> {
  if ((yield* readString()) !== 'nix-archive-1') throw broken("input doesn't look like a Nix archive");
  yield* node(visitor, '');
}

function* node(visitor: NarVisitor, name: string): Generator<Want, void, Uint8Array> {
  yield* expect('(');
  yield* expect('type');
  const type = yield* readString();
  if (type === 'symlink') {
    yield* expect('target');
    visitor.symlink(name, yield* readString());
    yield* expect(')');
  } else if (type === 'regular') yield* regular(visitor, name);
  else if (type === 'directory') {
    visitor.directory(name);
    yield* entries(visitor);
    visitor.endDirectory();
  } else throw broken(`unknown file type '${type}'`);
}

function* regular(visitor: NarVisitor, name: string): Generator<Want, void, Uint8Array> {
  let tag = yield* readString();
  const executable = tag === 'executable';
  if (executable) {
    yield* expect('');
    tag = yield* readString();
  }
  if (tag !== 'contents') throw broken(`expected tag 'contents', got '${tag}'`);
  const size = readLength(yield { bytes: 8, whole: true }, 0);
  if (!Number.isSafeInteger(size)) throw broken('a file of impossible size');
  visitor.regular(name, executable, size);
  for (let left = size; left > 0; ) {
    const chunk = yield { bytes: left, whole: false };
    visitor.data(chunk);
    left -= chunk.length;
  }
  yield* zeros(padding(size));
  visitor.endRegular();
  yield* expect(')');
}

function* entries(visitor: NarVisitor): Generator<Want, void, Uint8Array> {
  let previous: string | undefined;
  for (;;) {
    const tag = yield* readString();
    if (tag === ')') return;
    if (tag !== 'entry') throw broken(`expected tag 'entry' or ')', got '${tag}'`);
    yield* expect('(');
    yield* expect('name');
    const name = yield* readString();
    if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0'))
      throw broken(`contains invalid file name '${name}'`);
    if (previous !== undefined && compareBytewise(name, previous) <= 0) throw broken('directory is not sorted');
    previous = name;
    yield* expect('node');
    yield* node(visitor, name);
    yield* expect(')');
  }
}

function* readString(): Generator<Want, string, Uint8Array> {
  const length = readLength(yield { bytes: 8, whole: true }, 0);
  if (length > longestString) throw broken('string is too long');
  if (length === 0) return '';
  const text = decodeBytes(yield { bytes: length, whole: true });
  yield* zeros(padding(length));
  return text;
}

function* expect(token: string): Generator<Want, void, Uint8Array> {
  const found = yield* readString();
  if (found !== token) throw broken(`expected tag '${token}', got '${found}'`);
}

function* zeros(count: number): Generator<Want, void, Uint8Array> {
  if (count > 0 && (yield { bytes: count, whole: true }).some((byte) => byte !== 0)) throw broken('non-zero padding');
}

function broken(what: string): NixError {
  return new NixError(`bad archive: ${what}`, { class: 'StoreError' });
}

/**
 * Writes NARs: a buffer that the calls below append to, in the order of the grammar in wire.ts. Whoever walks a tree calls
 * them and hands on what `take` gives whenever the buffer is `full`. File contents may be put into the buffer
 * (`reserve`) or sent between two takes.
 */
import { encodeBytes } from '../../base/bytes.ts';
import { padding, stringSize, tokens, writeLength } from './wire.ts';

const chunkSize = 256 * 1024;
/** The next buffer, before anything is written to it: a small NAR ends without. */
const none = new Uint8Array(0);

export class NarWriter {
  private buffer: Uint8Array;
  private used = 0;

  /** `expected` bytes in all, where that is known and small. */
  constructor(expected: number = chunkSize) {
    this.buffer = new Uint8Array(Math.min(chunkSize, Math.max(expected, 64)));
  }

  get full(): boolean {
    return this.used >= chunkSize / 4;
  }

  /** What was written since the last call; the buffer belongs to the caller then. */
  take(): Uint8Array {
    const out = this.buffer.subarray(0, this.used);
    // What is left of the buffer goes on being used: no byte is handed out twice.
    this.buffer = this.buffer.length - this.used >= chunkSize / 4 ? this.buffer.subarray(this.used) : none;
    this.used = 0;
    return out;
  }

  begin(): void {
    this.append(tokens.magic);
  }

  openDirectory(): void {
    this.append(tokens.directory);
  }

  openEntry(name: string): void {
    this.append(tokens.entry);
    this.string(name);
    this.append(tokens.node);
  }

  closeEntry(): void {
    this.append(tokens.close);
  }

  closeDirectory(): void {
    this.append(tokens.close);
  }

  symlink(target: string): void {
    this.append(tokens.symlink);
    this.string(target);
    this.append(tokens.close);
  }

  /** Then exactly `size` bytes of contents, then closeFile(size). */
  openFile(size: number, executable: boolean): void {
    this.append(executable ? tokens.executable : tokens.regular);
    this.room(8);
    writeLength(this.buffer, this.used, size);
    this.used += 8;
  }

  closeFile(size: number): void {
    const zeros = padding(size);
    this.room(zeros + tokens.close.length);
    this.buffer.fill(0, this.used, this.used + zeros);
    this.used += zeros;
    this.append(tokens.close);
  }

  /** Free bytes of the buffer, to be filled from the front; `commit` says how many were. */
  reserve(): Uint8Array {
    if (this.buffer === none) this.buffer = new Uint8Array(chunkSize);
    return this.buffer.subarray(this.used);
  }

  commit(bytes: number): void {
    this.used += bytes;
  }

  private string(text: string): void {
    const bytes = encodeBytes(text);
    const size = stringSize(bytes.length);
    this.room(size);
    writeLength(this.buffer, this.used, bytes.length);
    this.buffer.set(bytes, this.used + 8);
    this.buffer.fill(0, this.used + 8 + bytes.length, this.used + size);
    this.used += size;
  }

  private append(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  private room(bytes: number): void {
    if (this.buffer.length - this.used >= bytes) return;
    const larger = new Uint8Array(
      Math.max(this.buffer === none ? chunkSize : this.buffer.length * 2, this.used + bytes),
    );
    larger.set(this.buffer.subarray(0, this.used));
    this.buffer = larger;
  }
}

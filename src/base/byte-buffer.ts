/**
 * Text under construction, as bytes. A text of megabytes that is put together of millions of pieces is made here without
 * an object for any of them: `out += piece` makes one each, and all live until the text is laid out in one piece at last.
 * Whoever fills `bytes` by hand calls `reserve` first and sets `length` after.
 */
import { decodeBytes, encodeBytes } from './bytes.ts';

const encoder = new TextEncoder();

/** Up to this length a loop is faster than a call of the encoder. */
const SHORT = 48;
/** Above it, room for the longest that it may become would be a waste. */
const LONG = 10_000;

/** The last buffer that was done with, for the next one that is wanted. */
let spare: Uint8Array | undefined;
const SPARE = 1 << 16;

export class ByteBuffer {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = SPARE) {
    if (capacity <= SPARE && spare !== undefined) {
      this.bytes = spare;
      spare = undefined;
    } else this.bytes = new Uint8Array(Math.max(capacity, SPARE));
  }

  /** Makes sure that `count` more bytes fit. `bytes` may be another array afterwards. */
  reserve(count: number): void {
    const wanted = this.length + count;
    if (wanted <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(wanted, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  /** Appends a text (see bytes.ts for what it stands for). */
  text(text: string): void {
    const { length } = text;
    if (length <= SHORT) {
      this.reserve(length);
      const { bytes } = this;
      let at = this.length;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        bytes[at++] = code;
      }
      if (i === length) {
        this.length = at;
        return;
      }
    }
    if (length < LONG && text.isWellFormed()) {
      this.reserve(3 * length);
      this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
    } else this.append(encodeBytes(text));
  }

  append(more: Uint8Array): void {
    this.reserve(more.length);
    this.bytes.set(more, this.length);
    this.length += more.length;
  }

  /** What has been gathered. The buffer is not to be used any more. */
  finish(): string {
    const text = decodeBytes(this.bytes.subarray(0, this.length));
    if (this.bytes.length === SPARE) spare = this.bytes;
    return text;
  }
}

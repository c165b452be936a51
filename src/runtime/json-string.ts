/** Strings as JSON writes them. */
import type { ByteBuffer } from '../base/byte-buffer.ts';
import { byteLength, encodeBytes } from '../base/bytes.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';

/** Up to this length a loop is faster than JSON.stringify. */
const SHORT = 48;

/** Appends the string in quotes. */
export function writeJsonString(out: ByteBuffer, text: string): void {
  const { length } = text;
  if (length <= SHORT) {
    out.reserve(SHORT + 2);
    const { bytes } = out;
    let at = out.length;
    bytes[at++] = 0x22;
    let i = 0;
    for (; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code >= 0x80 || code === 0x22 || code === 0x5c) break;
      bytes[at++] = code;
    }
    if (i === length) {
      bytes[at++] = 0x22;
      out.length = at;
      return;
    }
  }
  out.text(jsonString(text));
}

/** JSON has no strings that are not UTF-8. */
export function jsonString(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  throw new NixError(`JSON serialization error: [json.exception.type_error.316] ${utf8Problem(text)}`, {
    class: 'Error',
    pos: NO_POS,
  });
}

/** Where a decoder stops: at the first byte that cannot follow those before it. */
function utf8Problem(text: string): string {
  const start = byteLength(text.slice(0, text.search(/\p{Surrogate}/u)));
  const bytes = encodeBytes(text);
  const lead = bytes[start]!;
  const length = lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  const isLead = length > 1 && lead <= 0xf4;
  let at = start;
  for (let i = 1; isLead && i < length; i++) {
    const next = bytes[start + i];
    if (next === undefined) return `incomplete UTF-8 string; last byte: 0x${hex(bytes[bytes.length - 1]!)}`;
    const low = i === 1 && (lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80);
    const high = i === 1 && (lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf);
    at = start + i;
    if (next < (low || 0x80) || next > (high || 0xbf)) break;
  }
  return `invalid UTF-8 byte at index ${at}: 0x${hex(bytes[at]!)}`;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/**
 * Digests for the evaluation cache. A text of ordinary size needs none that could withstand an attack, and node:crypto takes
 * longer to load than a small question takes to be answered; so short texts are told apart by themselves, and their
 * checksum is a simple one.
 */
import { createHash } from 'node:crypto';

const short = 4096;

/** 64 bits in hexadecimal: for names, whose collisions do no harm, and against damage. */
export function simpleHash(text: string): string {
  let a = 0x811c9dc5;
  let b = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = (Math.imul(b, 31) + unit) | 0;
  }
  return hex(a) + hex(b);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** The same for no two texts; of a short one the text itself, unless it is `confidential`. */
export function identify(text: string, confidential: boolean): string {
  return confidential || text.length > short ? sha256(text) : text;
}

export function checksum(text: string): string {
  return text.length > short ? sha256(text) : simpleHash(text);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

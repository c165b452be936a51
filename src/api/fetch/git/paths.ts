/** Paths as git reads and writes them: bytes, each ended by a zero byte, `/` between their parts, relative to the root. */
import { decodeBytes } from '../../../base/bytes.ts';

/** Records ended by zero bytes, as Nix strings. */
export function splitRecords(bytes: Uint8Array): string[] {
  const text = decodeBytes(bytes);
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

/** The directories above a path, outermost first: a/b/c gives a and a/b. */
export function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    found.push(path.slice(0, slash));
  return found;
}

/**
 * Hashes as text. Four notations: base 16, Nix base 32, base 64, and SRI (`sha256-<base 64>`); all but SRI may have the
 * algorithm in front of a colon (`sha256:<digits>`). Which notation a bare digest is in follows from its length, which
 * differs for every algorithm. Messages are Nix's.
 */
import { type HashAlgorithm, hashAlgorithms, hashSize, toHex } from '../base/hash.ts';
import { decodeNix32, encodeNix32, nix32Length } from '../base/nix32.ts';
import { NixError } from '../errors/nix-error.ts';

export interface Hash {
  readonly algorithm: HashAlgorithm;
  readonly digest: Uint8Array;
}

export type HashFormat = 'base16' | 'nix32' | 'base64' | 'sri';

export function parseHashAlgorithm(name: string): HashAlgorithm {
  const algorithm = hashAlgorithms.find((known) => known === name);
  if (algorithm) return algorithm;
  throw new NixError(`unknown hash algorithm '${name}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'`, {
    class: 'UsageError',
  });
}

/** Undefined where the name is none that Nix knows. */
export function findHashAlgorithm(name: string): HashAlgorithm | undefined {
  return hashAlgorithms.find((known) => known === name);
}

/** `algorithm` in front of the digest, unless told otherwise; always so in SRI. */
export function printHash(hash: Hash, format: HashFormat, withAlgorithm = true): string {
  if (format === 'sri') return `${hash.algorithm}-${toBase64(hash.digest)}`;
  const digits =
    format === 'base16' ? toHex(hash.digest) : format === 'nix32' ? encodeNix32(hash.digest) : toBase64(hash.digest);
  return withAlgorithm ? `${hash.algorithm}:${digits}` : digits;
}

/** Any notation; the algorithm must stand in the text or be given, and must agree where both are. */
export function parseHash(text: string, algorithm?: HashAlgorithm): Hash {
  const colon = text.indexOf(':');
  const dash = text.indexOf('-');
  let rest = text;
  let named: HashAlgorithm | undefined;
  let sri = false;
  if (colon >= 0) {
    named = parseHashAlgorithm(text.slice(0, colon));
    rest = text.slice(colon + 1);
  } else if (dash >= 0) {
    named = parseHashAlgorithm(text.slice(0, dash));
    rest = text.slice(dash + 1);
    sri = true;
  }
  if (!named && !algorithm)
    throw badHash(`hash '${text}' does not include a type, nor is the type otherwise known from context`);
  if (named && algorithm && named !== algorithm)
    throw badHash(`hash '${text}' should have type '${algorithm}' but got type '${named}'`);
  return sri ? decode(rest, named!, 'SRI') : parseHashDigits(rest, (named ?? algorithm)!);
}

/** Digits alone, in base 16, Nix base 32 or base 64. */
export function parseHashDigits(digits: string, algorithm: HashAlgorithm): Hash {
  const size = hashSize[algorithm];
  switch (digits.length) {
    case size * 2:
      return decode(digits, algorithm, 'base16');
    case nix32Length(size):
      return decode(digits, algorithm, 'nix32');
    case Math.ceil(size / 3) * 4:
      return decode(digits, algorithm, 'base64');
    default:
      throw badHash(`hash '${digits}' has wrong length for hash algorithm '${algorithm}'`);
  }
}

export function parseSriHash(text: string): Hash {
  const dash = text.indexOf('-');
  if (dash < 0) throw badHash(`hash '${text}' is not SRI`);
  return decode(text.slice(dash + 1), parseHashAlgorithm(text.slice(0, dash)), 'SRI');
}

/**
 * As `outputHash` is read: an empty text is the hash of zeros, which the build then corrects. `warning` is what Nix says
 * on standard error.
 */
export function parseHashAllowEmpty(
  text: string,
  algorithm?: HashAlgorithm,
): { readonly hash: Hash; readonly warning?: string } {
  if (text !== '') return { hash: parseHash(text, algorithm) };
  if (!algorithm) throw badHash('empty hash requires explicit hash algorithm');
  const hash = { algorithm, digest: new Uint8Array(hashSize[algorithm]) };
  return { hash, warning: `found empty hash, assuming '${printHash(hash, 'sri')}'` };
}

export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function decode(digits: string, algorithm: HashAlgorithm, encoding: 'base16' | 'nix32' | 'base64' | 'SRI'): Hash {
  const digest =
    encoding === 'base16' ? fromHex(digits) : encoding === 'nix32' ? fromNix32(digits) : fromBase64(digits);
  if (digest.length !== hashSize[algorithm])
    throw badHash(
      `invalid ${encoding} hash '${digits}', length ${digest.length} != expected length ${hashSize[algorithm]}`,
    );
  return { algorithm, digest };
}

function fromHex(digits: string): Uint8Array {
  const illegal = /[^0-9a-fA-F]/.exec(digits);
  if (illegal) throw badHash(`invalid character in Base16 string: '${illegal[0]}'`, digits);
  const out = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return out;
}

function fromNix32(digits: string): Uint8Array {
  const illegal = /[^0-9a-df-np-sv-z]/.exec(digits);
  if (illegal) throw badHash(`invalid character in Nix32 (Nix's Base32 variation) string: '${illegal[0]}'`, digits);
  const out = decodeNix32(digits);
  if (!out) throw badHash(`invalid Nix32 hash '${digits}': it has bits beyond its last byte`);
  return out;
}

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The `=` at the end may be missing, as in C++ Nix. */
function fromBase64(digits: string): Uint8Array {
  const out: number[] = [];
  let bits = 0;
  let count = 0;
  for (const char of digits) {
    if (char === '=') break;
    const digit = base64Alphabet.indexOf(char);
    if (digit < 0) throw badHash(`invalid character in Base64 string: '${char}'`, digits);
    bits = ((bits << 6) | digit) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push((bits >> count) & 0xff);
    }
  }
  return Uint8Array.from(out);
}

export function toBase64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1], bytes[i + 2]];
    out += base64Alphabet[a >> 2];
    out += base64Alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)];
    out += b === undefined ? '=' : base64Alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)];
    out += c === undefined ? '=' : base64Alphabet[c & 63];
  }
  return out;
}

function badHash(message: string, digits?: string): NixError {
  const error = new NixError(message, { class: 'Error' });
  return digits === undefined ? error : error.addTrace(`while decoding hash '${digits}'`);
}

/**
 * Whom to believe. What a cache says of a path is signed with Ed25519, over the line
 *
 *   1;<store path>;<NAR hash>;<NAR size>;<references, separated by commas>
 *
 * Keys and signatures are written `<key name>:<base 64>`; the name chooses the key. A path whose name follows from its
 * content needs nobody's word: it is believed because it can be recomputed.
 */
import { encodeBytes } from '../../base/bytes.ts';
import { contentAddressedPath, parseContentAddress } from '../../derivation/content-address.ts';
import { equalDigests, printHash } from '../../derivation/hash-string.ts';
import { storePathName } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { NarIdentity } from '../store.ts';

/** Checks an Ed25519 signature. Keys have 32 bytes, signatures 64. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

export interface Signable extends NarIdentity {
  readonly path: string;
  readonly references: readonly string[];
  readonly signatures: readonly string[];
  readonly ca: string | undefined;
}

/** Key name -> key, of lines `<name>:<base 64>`. */
export function parsePublicKeys(keys: Iterable<string>): Map<string, Uint8Array> {
  return new Map(
    [...keys].map((key) => {
      const [name, bytes] = splitNamed(key);
      if (bytes?.length !== 32) throw new NixError(`public key '${key}' is corrupt`, { class: 'UsageError' });
      return [name, bytes];
    }),
  );
}

export function fingerprint(info: Signable): string {
  const hash = printHash({ algorithm: 'sha256', digest: info.narHash }, 'nix32');
  return `1;${info.path};${hash};${info.narSize};${info.references.join(',')}`;
}

/** Is there a valid signature by one of the keys? */
export function isSigned(info: Signable, keys: ReadonlyMap<string, Uint8Array>, verify: VerifySignature): boolean {
  const message = encodeBytes(fingerprint(info));
  return info.signatures.some((text) => {
    const [name, signature] = splitNamed(text);
    const key = keys.get(name);
    return key !== undefined && signature?.length === 64 && verify(key, message, signature);
  });
}

/** Does the path follow from the NAR hash? (Only trees hashed by SHA-256 say so without being read.) */
export function isSelfEvident(info: Signable, storeDir?: string): boolean {
  if (info.ca === undefined) return false;
  const address = parseContentAddress(info.ca);
  if (address.method !== 'nar' || address.hash.algorithm !== 'sha256') return false;
  if (info.references.includes(info.path) || !equalDigests(address.hash.digest, info.narHash)) return false;
  const references = { others: info.references, self: false };
  return contentAddressedPath(storePathName(info.path), address, references, storeDir) === info.path;
}

function splitNamed(text: string): [string, Uint8Array | undefined] {
  const colon = text.indexOf(':');
  if (colon <= 0) return [text, undefined];
  try {
    return [text.slice(0, colon), Uint8Array.from(atob(text.slice(colon + 1)), (char) => char.charCodeAt(0))];
  } catch {
    return [text.slice(0, colon), undefined];
  }
}

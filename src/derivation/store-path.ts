/**
 * Store paths: `/nix/store/<hash part>-<name>`. The hash part is 160 bits in Nix base 32 (32 characters): a SHA-256 of the
 * line `<type>:<algorithm>:<base 16 digest>:<store directory>:<name>`, folded to 20 bytes by XOR. What a path says about
 * its object stands in <type>:
 *
 *   text[:ref]*             a file of builtins.toFile, or a .drv; the digest is that of the text
 *   source[:ref]*[:self]    a tree (NAR) with its SHA-256
 *   output:<id>             output <id> of a derivation; the digest is the derivation's hash (hash-modulo.ts), or, for
 *                           every other kind of fixed output, that of the line `fixed:out:<method><algorithm>:<digest>:`
 *
 * Paths are plain strings and always logical. They are ASCII, so that JavaScript's own order of strings is their order.
 * Source: Nix manual, "Complete Store Path Calculation"; names: "Store Path".
 */
import { byteLength, decodeBytes, encodeBytes } from '../base/bytes.ts';
import { type HashAlgorithm, hashTextHex, hashTextRaw, toHex } from '../base/hash.ts';
import { encodeNix32 } from '../base/nix32.ts';
import { NixError } from '../errors/nix-error.ts';

export const defaultStoreDir = '/nix/store';

/** Characters of a hash part. */
export const hashPartLength = 32;
const maxNameLength = 211;

/** Names: letters, digits and +-._?= ; no first component "." or ".." before a dash. Throws Nix's message. */
export function checkStoreName(name: string): void {
  const problem = storeNameProblem(name);
  if (problem !== undefined) throw new NixError(problem, { class: 'Error' });
}

/** Nothing is wrong with these, if they are not too long; nearly all are such. */
const ordinaryName = /^[0-9a-zA-Z+\-_?=][0-9a-zA-Z+\-._?=]*$/;

/** What is wrong with a name, in Nix's words. */
export function storeNameProblem(name: string): string | undefined {
  if (name.length <= maxNameLength && ordinaryName.test(name)) return undefined;
  if (name === '') return 'name must not be empty';
  if (byteLength(name) > maxNameLength) return `name '${name}' must be no longer than ${maxNameLength} characters`;
  if (name[0] === '.') {
    if (name === '.' || name === '..') return `name '${name}' is not valid`;
    const first = /^\.\.?(?=-)/.exec(name);
    if (first) return `name '${name}' is not valid: first dash-separated component must not be '${first[0]}'`;
  }
  const illegal = /[^0-9a-zA-Z+\-._?=]/u.exec(name);
  // C++ Nix looks at bytes: of a character beyond ASCII it shows the first.
  if (illegal)
    return `name '${name}' contains illegal character '${decodeBytes(encodeBytes(illegal[0]).subarray(0, 1))}'`;
  return undefined;
}

/** `<hash part>-<name>`, checked as C++ Nix checks it. */
export function checkBaseName(baseName: string): void {
  const fail = (message: string): never => {
    throw new NixError(message, { class: 'Error' });
  };
  if (baseName.length < hashPartLength + 1) fail(`'${baseName}' is too short to be a valid store path`);
  if (baseName[hashPartLength] !== '-')
    fail(`'${baseName}' can't name a store path because the hash part is not followed by a '-'`);
  const illegal = /[^0-9a-df-np-sv-z]/.exec(baseName.slice(0, hashPartLength));
  if (illegal) fail(`store path '${baseName}' contains illegal base-32 character '${illegal[0]}'`);
  const problem = storeNameProblem(baseName.slice(hashPartLength + 1));
  if (problem !== undefined) fail(`path '${baseName}' is not a valid store path: ${problem}`);
}

/** Checks that a path is exactly `<store directory>/<hash part>-<name>` and gives it back. */
export function parseStorePath(path: string, storeDir: string = defaultStoreDir): string {
  if (path === '') throw new NixError('empty path is not a valid store path', { class: 'Error' });
  if (!path.startsWith(storeDir) || path[storeDir.length] !== '/')
    throw new NixError(`path '${path}' is not in the Nix store`, { class: 'Error' });
  const baseName = path.slice(storeDir.length + 1);
  if (baseName.includes('/')) throw new NixError(`path '${path}' is not in the Nix store`, { class: 'Error' });
  checkBaseName(baseName);
  return path;
}

export function isStorePath(path: string, storeDir: string = defaultStoreDir): boolean {
  if (!path.startsWith(storeDir) || path[storeDir.length] !== '/') return false;
  const baseName = path.slice(storeDir.length + 1);
  return (
    /^[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+\-._?=]+$/.test(baseName) && storeNameProblem(baseName.slice(33)) === undefined
  );
}

/** The store path that a path lies in (or is), and the rest: '' or '/...'. Undefined where it lies in none. */
export function splitStorePath(
  path: string,
  storeDir: string = defaultStoreDir,
): { readonly storePath: string; readonly rest: string } | undefined {
  if (!path.startsWith(`${storeDir}/`)) return undefined;
  const end = path.indexOf('/', storeDir.length + 1);
  const storePath = end < 0 ? path : path.slice(0, end);
  return isStorePath(storePath, storeDir) ? { storePath, rest: end < 0 ? '' : path.slice(end) } : undefined;
}

/** The 32 characters that references are found by. */
export function storePathHashPart(path: string): string {
  const start = path.lastIndexOf('/') + 1;
  return path.slice(start, start + hashPartLength);
}

/** `<name>` of `.../<hash part>-<name>`. */
export function storePathName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1 + hashPartLength + 1);
}

export function isDerivationPath(path: string): boolean {
  return path.endsWith('.drv');
}

/** Store paths in byte order (they are ASCII). */
export function sortStorePaths(paths: Iterable<string>): string[] {
  return [...paths].sort();
}

/** `digest` with its algorithm in front, base 16: sha256:1abc... */
export function makeStorePath(type: string, digest: string, name: string, storeDir: string = defaultStoreDir): string {
  const hashPart = hashPartOf(hashTextRaw('sha256', `${type}:${digest}:${storeDir}:${name}`));
  const problem = storeNameProblem(name);
  if (problem !== undefined)
    throw new NixError(`path '${hashPart}-${name}' is not a valid store path: ${problem}`, { class: 'Error' });
  return `${storeDir}/${hashPart}-${name}`;
}

const folded = new Uint8Array(20);

/** A SHA-256, as a string of bytes, folded to 20 bytes, in Nix base 32. */
function hashPartOf(digest: string): string {
  for (let i = 0; i < 20; i++) folded[i] = digest.charCodeAt(i) ^ (i < 12 ? digest.charCodeAt(i + 20) : 0);
  return encodeNix32(folded);
}

/** Output `out` is called as the derivation, every other one `<name>-<output>`. */
export function outputPathName(drvName: string, output: string): string {
  return output === 'out' ? drvName : `${drvName}-${output}`;
}

/** `hash` is the derivation's masked hash modulo, SHA-256 in base 16. */
export function makeOutputPath(
  output: string,
  hash: string,
  drvName: string,
  storeDir: string = defaultStoreDir,
): string {
  return makeStorePath(`output:${output}`, `sha256:${hash}`, outputPathName(drvName, output), storeDir);
}

export interface StoreReferences {
  /** Other store paths. */
  readonly others: Iterable<string>;
  /** Does the object refer to itself? */
  readonly self: boolean;
}

/** Path of a text (builtins.toFile, .drv). `digest` is the SHA-256 of its bytes. */
export function makeTextPath(
  name: string,
  digest: Uint8Array,
  references: Iterable<string>,
  storeDir: string = defaultStoreDir,
): string {
  return textPathOf(toHex(digest), name, references, storeDir);
}

/** Path of a text whose bytes are at hand as a Nix string. */
export function textPath(
  name: string,
  text: string,
  references: Iterable<string>,
  storeDir: string = defaultStoreDir,
): string {
  return textPathOf(hashTextHex('sha256', text), name, references, storeDir);
}

function textPathOf(digest: string, name: string, references: Iterable<string>, storeDir: string): string {
  return makeStorePath(typeWithReferences('text', references, false), `sha256:${digest}`, name, storeDir);
}

export type FixedOutputMethod = 'flat' | 'nar' | 'git';

/** Path of content-addressed files. Only a NAR hashed with SHA-256 may have references. */
export function makeFixedOutputPath(
  name: string,
  content: { readonly method: FixedOutputMethod; readonly algorithm: HashAlgorithm; readonly digest: Uint8Array },
  references: StoreReferences = { others: [], self: false },
  storeDir: string = defaultStoreDir,
): string {
  const { method, algorithm, digest } = content;
  const hash = `${algorithm}:${toHex(digest)}`;
  if (method === 'git' && algorithm !== 'sha1' && algorithm !== 'sha256')
    throw new NixError(`Git file ingestion must use SHA-1 or SHA-256 hash, but instead using: ${algorithm}`, {
      class: 'Error',
    });
  if (method === 'nar' && algorithm === 'sha256')
    return makeStorePath(typeWithReferences('source', references.others, references.self), hash, name, storeDir);
  if (references.self || ![...references.others].every(() => false))
    throw new NixError(
      `fixed output derivation '${name}' is not allowed to refer to other store paths.\nYou may need to use the 'unsafeDiscardReferences' derivation attribute, see the manual for more details.`,
      { class: 'Error' },
    );
  const prefix = method === 'nar' ? 'r:' : method === 'git' ? 'git:' : '';
  const digestOfLine = hashTextHex('sha256', `fixed:out:${prefix}${hash}:`);
  return makeStorePath('output:out', `sha256:${digestOfLine}`, name, storeDir);
}

function typeWithReferences(type: string, others: Iterable<string>, self: boolean): string {
  let out = type;
  for (const path of sortStorePaths(others)) out += `:${path}`;
  return self ? `${out}:self` : out;
}

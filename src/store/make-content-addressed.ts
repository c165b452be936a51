/**
 * A store object under the path that follows from its content: references to objects that have moved are rewritten, its own
 * hash part counts as zeros when the content is hashed, and is then replaced by the new one. Paths keep their length, so
 * nothing in the NAR moves. Source: Nix manual, "Content-addressing store objects".
 */
import { encodeBytes } from '../base/bytes.ts';
import { createHasher, hashBytes } from '../base/hash.ts';
import { contentAddressedPath, parseContentAddress, printContentAddress } from '../derivation/content-address.ts';
import type { Hash } from '../derivation/hash-string.ts';
import { makeFixedOutputPath, sortStorePaths, storePathHashPart, storePathName } from '../derivation/store-path.ts';
import { treeOfNar } from './nar/tree.ts';
import type { NewPath } from './store.ts';

export interface ContentAddressed extends NewPath {
  readonly nar: Uint8Array;
}

/** `moved`: old path -> new path, of what the object may refer to. */
export function makeContentAddressed(
  object: { readonly path: string; readonly nar: Uint8Array; readonly references: readonly string[] },
  moved: ReadonlyMap<string, string>,
  storeDir?: string,
): ContentAddressed {
  const { path, references } = object;
  const nar = Uint8Array.from(object.nar);
  const others: string[] = [];
  for (const reference of references) {
    if (reference === path) continue;
    const target = moved.get(reference) ?? reference;
    others.push(target);
    for (const at of occurrences(nar, reference)) nar.set(encodeBytes(target), at);
  }
  const self = references.includes(path);
  const own = occurrences(nar, storePathHashPart(path));
  const zeros = new Uint8Array(storePathHashPart(path).length);
  for (const at of own) nar.set(zeros, at);
  const hasher = createHasher('sha256');
  hasher.update(nar);
  // Where zeros stood already, the content is another one.
  for (const at of own) hasher.update(encodeBytes(`|${at}`));
  const hash: Hash = { algorithm: 'sha256', digest: hasher.digest() };
  const refs = { others: sortStorePaths(others), self };
  const newPath = makeFixedOutputPath(storePathName(path), { method: 'nar', ...hash }, refs, storeDir);
  for (const at of own) nar.set(encodeBytes(storePathHashPart(newPath)), at);
  return {
    path: newPath,
    references: self ? [...others, newPath] : others,
    ca: printContentAddress({ method: 'nar', hash }),
    nar,
  };
}

/** Does the path follow from the content? */
export function isItsContent(
  info: { readonly path: string; readonly references: readonly string[]; readonly ca: string | undefined },
  nar: Uint8Array,
): boolean {
  if (info.ca === undefined) return false;
  const { method, hash } = parseContentAddress(info.ca);
  const { path, references } = info;
  if (method === 'nar')
    return hash.algorithm === 'sha256' && makeContentAddressed({ ...info, nar }, new Map()).path === path;
  const tree = treeOfNar([nar]);
  if (method === 'git' || tree.type !== 'regular') return false;
  const digest = hashBytes(hash.algorithm, tree.contents);
  const self = references.includes(path);
  return (
    !self &&
    contentAddressedPath(storePathName(path), { method, hash: { ...hash, digest } }, { others: references, self }) ===
      path
  );
}

function occurrences(bytes: Uint8Array, text: string): number[] {
  const wanted = encodeBytes(text);
  const found: number[] = [];
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at)) {
    let length = 1;
    while (length < wanted.length && bytes[at + length] === wanted[length]) length++;
    if (length === wanted.length) found.push(at);
    at += length === wanted.length ? length : 1;
  }
  return found;
}

/** The laws of the Store interface: run for every implementation by test/unit/store/store.test.ts. */
import { describe, expect, it } from 'vitest';
import { encodeBytes } from '../../src/base/bytes.ts';
import { hashBytes, hashText } from '../../src/base/hash.ts';
import { printContentAddress } from '../../src/derivation/content-address.ts';
import type { Derivation } from '../../src/derivation/derivation.ts';
import { DerivationHashes } from '../../src/derivation/hash-modulo.ts';
import { derivationFile, fillOutputPaths } from '../../src/derivation/output-paths.ts';
import { makeFixedOutputPath, makeStorePath, storePathHashPart, textPath } from '../../src/derivation/store-path.ts';
import { type FileTree, narOfTree, treeOfNar } from '../../src/store/nar/tree.ts';
import { closure, isValidPath, readDerivation, referrersClosure, type Store } from '../../src/store/store.ts';

export const sampleTree: FileTree = {
  type: 'directory',
  entries: new Map<string, FileTree>([
    ['empty', { type: 'directory', entries: new Map() }],
    ['dangling', { type: 'symlink', target: 'nowhere' }],
    ['run', { type: 'regular', executable: true, contents: encodeBytes('#!/bin/sh\n') }],
    ['text', { type: 'regular', executable: false, contents: encodeBytes('hello') }],
    ['é\udcff', { type: 'regular', executable: false, contents: new Uint8Array(0) }],
  ]),
};

export function joined(chunks: Iterable<Uint8Array>): Uint8Array {
  return Buffer.concat([...chunks]);
}

export function identityOf(tree: FileTree) {
  const nar = joined(narOfTree(tree));
  return { narHash: hashBytes('sha256', nar), narSize: nar.length };
}

/** Adds a text as builtins.toFile would. */
export function addText(store: Store, name: string, text: string, references: readonly string[] = []): string {
  const path = textPath(name, text, references, store.storeDir);
  const contents = encodeBytes(text);
  const ca = printContentAddress({
    method: 'text',
    hash: { algorithm: 'sha256', digest: hashText('sha256', text) },
  });
  store.addNar({ path, references, ca }, narOfTree({ type: 'regular', executable: false, contents }));
  return path;
}

/** A derivation whose outputs are filled in. */
export function sampleDerivation(store: Store, name: string, inputs: readonly string[] = []): Derivation {
  const drv: Derivation = {
    name,
    outputs: new Map([['out', { kind: 'deferred' }]]),
    inputDrvs: new Map(inputs.map((path) => [path, new Set(['out'])])),
    inputSrcs: new Set(),
    system: 'x86_64-linux',
    builder: '/bin/sh',
    args: [],
    env: new Map([['out', '']]),
  };
  return fillOutputPaths(drv, new DerivationHashes((path) => readDerivation(store, path)), store.storeDir);
}

export function addDerivation(store: Store, drv: Derivation): string {
  const { path, references, text } = derivationFile(drv, store.storeDir);
  const contents = encodeBytes(text);
  store.addNar({ path, references }, narOfTree({ type: 'regular', executable: false, contents }));
  return path;
}

export function storeContract(name: string, open: () => Store): void {
  describe(`${name} keeps the laws of stores`, () => {
    it('an empty store has nothing', () => {
      const store = open();
      const path = textPath('a', 'a', []);
      expect(store.validPaths()).toEqual([]);
      expect(store.pathInfo(path)).toBeUndefined();
      expect(store.referrers(path)).toEqual([]);
      expect(store.validDerivers(path)).toEqual([]);
      expect(store.pathFromHashPart(storePathHashPart(path))).toBeUndefined();
      expect(() => store.readFile(path)).toThrow(`path '${path}' is not valid`);
      expect(() => store.readNar(path)).toThrow(`path '${path}' is not valid`);
    });

    it('gives back the tree that was added, and what is known of it', () => {
      const store = open();
      const identity = identityOf(sampleTree);
      const content = { method: 'nar', algorithm: 'sha256', digest: identity.narHash } as const;
      const path = makeFixedOutputPath('tree', content);
      const ca = printContentAddress({ method: 'nar', hash: content });
      const signatures = ['key-1:AAAA', 'key-2:BBBB'];
      const deriver = makeStorePath('output:out', 'sha256:00', 'tree.drv');
      store.addNar({ path, references: [], ca, signatures, deriver, ultimate: true }, narOfTree(sampleTree), identity);
      expect(treeOfNar(store.readNar(path))).toEqual(treeOfNar(narOfTree(sampleTree)));
      expect(store.pathInfo(path)).toEqual({
        path,
        ...identity,
        references: [],
        deriver,
        registrationTime: expect.any(Number),
        ultimate: true,
        signatures,
        ca,
      });
      expect(store.pathFromHashPart(storePathHashPart(path))).toBe(path);
      expect(store.validPaths()).toEqual([path]);
    });

    it('a NAR that is not what was said leaves nothing', () => {
      const store = open();
      const path = makeStorePath('source', 'sha256:00', 'tree');
      const wrong = { narHash: new Uint8Array(32), narSize: 1 };
      const add = () => store.addNar({ path, references: [] }, narOfTree(sampleTree), wrong);
      expect(add).toThrow(`hash mismatch importing path '${path}'`);
      const cut = joined(narOfTree(sampleTree)).subarray(0, -8);
      expect(() => store.addNar({ path, references: [] }, [cut])).toThrow('bad archive');
      expect(isValidPath(store, path)).toBe(false);
    });

    it('references must be valid, and closures follow them', () => {
      const store = open();
      const a = textPath('a', 'a', []);
      expect(() => addText(store, 'b', a, [a])).toThrow(`its reference '${a}' is not valid`);
      addText(store, 'a', 'a');
      const b = addText(store, 'b', a, [a]);
      const c = addText(store, 'c', b, [b, a]);
      expect(store.pathInfo(c)?.references).toEqual([a, b].sort());
      expect(store.referrers(a)).toEqual([b, c].sort());
      expect(closure(store, [c])).toEqual([a, b, c].sort());
      expect(referrersClosure(store, [a])).toEqual([a, b, c].sort());
      expect(closure(store, [a])).toEqual([a]);
    });

    it('a path may refer to itself', () => {
      const store = open();
      const path = makeStorePath('source', 'sha256:01', 'self');
      store.addNar({ path, references: [path] }, narOfTree(sampleTree));
      expect(store.pathInfo(path)?.references).toEqual([path]);
      expect(store.referrers(path)).toEqual([path]);
      store.delete([path]);
      expect(store.validPaths()).toEqual([]);
    });

    it('adding what is valid changes nothing', () => {
      const store = open();
      const a = addText(store, 'a', 'a');
      const before = store.pathInfo(a);
      const other: FileTree = { type: 'symlink', target: 'b' };
      expect(store.addNar({ path: a, references: [] }, narOfTree(other))).toEqual(before);
      expect(store.readFile(a)).toEqual(encodeBytes('a'));
    });

    it('what is in use is not deleted', () => {
      const store = open();
      const a = addText(store, 'a', 'a');
      const b = addText(store, 'b', a, [a]);
      expect(() => store.delete([a])).toThrow(`cannot delete path '${a}' because it is in use by '${b}'`);
      store.delete([a, b]);
      expect(store.validPaths()).toEqual([]);
      expect(store.pathInfo(a)).toBeUndefined();
      addText(store, 'a', 'a');
      expect(store.validPaths()).toEqual([a]);
    });

    it('knows the derivations of an output', () => {
      const store = open();
      const first = sampleDerivation(store, 'first');
      const firstPath = addDerivation(store, first);
      const second = sampleDerivation(store, 'second', [firstPath]);
      const secondPath = addDerivation(store, second);
      const output = second.outputs.get('out');
      expect(store.validDerivers(output?.kind === 'inputAddressed' ? output.path : '')).toEqual([secondPath]);
      expect(readDerivation(store, secondPath)).toEqual(second);
      expect(store.pathInfo(secondPath)?.references).toEqual([firstPath]);
    });

    it('refuses what is no store path', () => {
      const store = open();
      expect(() => store.addNar({ path: '/tmp/x', references: [] }, narOfTree(sampleTree))).toThrow(
        "path '/tmp/x' is not in the Nix store",
      );
    });
  });
}

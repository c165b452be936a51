import { describe, expect, it } from 'vitest';
import { hashText } from '../../../src/base/hash.ts';
import {
  contentAddressedPath,
  parseContentAddress,
  printContentAddress,
} from '../../../src/derivation/content-address.ts';
import { downstreamPlaceholder, hashPlaceholder } from '../../../src/derivation/placeholder.ts';
import {
  checkBaseName,
  checkStoreName,
  isStorePath,
  makeFixedOutputPath,
  parseStorePath,
  splitStorePath,
  storePathHashPart,
  storePathName,
  textPath,
} from '../../../src/derivation/store-path.ts';

const hash = 'q3laishhmk84vl44j1973qpzkyhmr90c';

describe('names', () => {
  it.each(['a', '.a', '..a', '...', 'A+b-c_d?e=f.0', 'x'.repeat(211)])('%s is fine', (name) => {
    checkStoreName(name);
  });

  it.each([
    ['', 'name must not be empty'],
    ['.', "name '.' is not valid"],
    ['..', "name '..' is not valid"],
    ['.-a', "name '.-a' is not valid: first dash-separated component must not be '.'"],
    ['..-a', "name '..-a' is not valid: first dash-separated component must not be '..'"],
    ['a b', "name 'a b' contains illegal character ' '"],
    ['é', "name 'é' contains illegal character '\udcc3'"],
    ['x'.repeat(212), `name '${'x'.repeat(212)}' must be no longer than 211 characters`],
  ])('%s: %s', (name, message) => {
    expect(() => checkStoreName(name)).toThrow(message);
  });
});

describe('paths', () => {
  it('come apart into hash part and name', () => {
    const path = `/nix/store/${hash}-text-1.0`;
    expect(parseStorePath(path)).toBe(path);
    expect(storePathHashPart(path)).toBe(hash);
    expect(storePathName(path)).toBe('text-1.0');
    expect(splitStorePath(`${path}/bin/x`)).toEqual({ storePath: path, rest: '/bin/x' });
    expect(splitStorePath('/nix/store')).toBeUndefined();
    expect(isStorePath(`${path}/bin`)).toBe(false);
  });

  it.each([
    ['abc', "'abc' is too short to be a valid store path"],
    [`${hash}x`, `'${hash}x' can't name a store path because the hash part is not followed by a '-'`],
    [`e${hash.slice(1)}-a`, `store path 'e${hash.slice(1)}-a' contains illegal base-32 character 'e'`],
    [`${hash}-a b`, `path '${hash}-a b' is not a valid store path: name 'a b' contains illegal character ' '`],
  ])('%s: %s', (baseName, message) => {
    expect(() => checkBaseName(baseName)).toThrow(message);
  });

  it('follow from content (values are C++ Nix 2.8’s)', () => {
    expect(textPath('text', 'hello\n', [])).toBe(`/nix/store/${hash}-text`);
    const digest = hashText('sha256', 'abc');
    const nar = { method: 'nar', algorithm: 'sha256', digest } as const;
    expect(makeFixedOutputPath('source', nar)).toBe('/nix/store/chr0qygjnyjs5b90v4hz80j6lisyhx5v-source');
    expect(() => makeFixedOutputPath('a', { ...nar, method: 'flat' }, { others: [], self: true })).toThrow(
      "fixed output derivation 'a' is not allowed to refer to other store paths.",
    );
  });

  it('another store directory gives another path', () => {
    expect(textPath('text', 'hello\n', [], '/elsewhere')).not.toContain(hash);
  });
});

describe('content addresses', () => {
  it.each([
    'fixed:r:sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s',
    'fixed:sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s',
    'text:sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s',
  ])('%s', (text) => {
    expect(printContentAddress(parseContentAddress(text))).toBe(text);
    expect(isStorePath(contentAddressedPath('x', parseContentAddress(text)))).toBe(true);
  });

  it('refuses what is none', () => {
    expect(() => parseContentAddress('abc')).toThrow("not in the form '<prefix>:<rest>'");
    expect(() => parseContentAddress('x:y')).toThrow("prefix 'x' is unrecognized");
  });
});

describe('placeholders', () => {
  it('of an own output', () => {
    expect(hashPlaceholder('out')).toBe('/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9');
  });
  it('of another derivation’s output', () => {
    const drv = '/nix/store/g1w7hy3qg1w7hy3qg1w7hy3qg1w7hy3q-foo.drv';
    expect(downstreamPlaceholder(drv, 'out')).toBe('/0c6rn30q4frawknapgwq386zq358m8r6msvywcvc89n6m5p2dgbz');
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBytes } from '../../../src/base/bytes.ts';
import { parseDerivation } from '../../../src/derivation/aterm/parse.ts';
import { printDerivation } from '../../../src/derivation/aterm/print.ts';
import type { Derivation, DerivationOutput } from '../../../src/derivation/derivation.ts';
import { DerivationHashes } from '../../../src/derivation/hash-modulo.ts';
import { derivationFromJson, derivationToJson, parseJson, printJson } from '../../../src/derivation/json.ts';
import { derivationFile, fillOutputPaths, fixedOutput } from '../../../src/derivation/output-paths.ts';
import { storePathName } from '../../../src/derivation/store-path.ts';
import { validateDerivation, validateDerivationFile } from '../../../src/derivation/validate.ts';

const folder = new URL('../../../fixtures/drv/', import.meta.url);
const texts = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.drv'))
    .sort()
    .map((file) => [`/nix/store/${file}`, decodeBytes(readFileSync(new URL(file, folder)))]),
);
const read = (path: string) => parseDerivation(texts.get(path)!, storePathName(path).slice(0, -4), path);
const twoOutputs = [...texts.keys()].find((path) => path.endsWith('two-outputs.drv'))!;

/** Outputs and their variables taken away, as derivationStrict starts. */
function blank(drv: Derivation): Derivation {
  const outputs = new Map<string, DerivationOutput>(
    [...drv.outputs.keys()].map((name) => [name, { kind: 'deferred' }]),
  );
  const env = new Map([...drv.env].map(([key, value]) => [key, drv.outputs.has(key) ? '' : value]));
  return { ...drv, outputs, env };
}

describe('.drv files of C++ Nix', () => {
  it.each([...texts])('%s is printed as it was read, and validates', (path, text) => {
    const drv = read(path);
    expect(printDerivation(drv)).toBe(text);
    expect(derivationFile(drv).path).toBe(path);
    validateDerivationFile(path, drv, new DerivationHashes(read));
  });

  it('output paths and file follow from the rest', () => {
    const filled = fillOutputPaths(blank(read(twoOutputs)), new DerivationHashes(read));
    expect(derivationFile(filled).path).toBe(twoOutputs);
  });

  it('a derivation that was remembered is not read', () => {
    const hashes = new DerivationHashes(() => {
      throw new Error('read');
    });
    for (const path of texts.keys()) hashes.remember(path, read(path));
    expect(fillOutputPaths(blank(read(twoOutputs)), hashes).outputs).toEqual(read(twoOutputs).outputs);
  });

  it('how a fixed output is fetched does not change who uses it', () => {
    const [fetchPath] = [...texts.keys()].filter((path) => path.endsWith('source.drv'));
    const otherwise = { ...read(fetchPath!), args: ['another', 'mirror'] };
    const other = derivationFile(otherwise).path;
    const user = read(twoOutputs);
    const hashes = new DerivationHashes((path) => (path === other ? otherwise : read(path)));
    const filled = fillOutputPaths({ ...blank(user), inputDrvs: new Map([[other, new Set(['out'])]]) }, hashes);
    expect(filled.outputs).toEqual(user.outputs);
    expect(derivationFile(filled).path).not.toBe(twoOutputs);
  });

  it('a wrong output path or variable is refused', () => {
    const drv = read(twoOutputs);
    const hashes = new DerivationHashes(read);
    expect(() => validateDerivation({ ...drv, name: 'other' }, hashes)).toThrow('derivation has incorrect output');
    const env = new Map(drv.env).set('dev', '/elsewhere');
    expect(() => validateDerivation({ ...drv, env }, hashes)).toThrow();
  });
});

describe('deferred', () => {
  it('an input that is content-addressed once built leaves outputs open', () => {
    const floating: Derivation = {
      ...read(twoOutputs),
      outputs: new Map([['out', { kind: 'floating', method: 'r:sha256' }]]),
      inputDrvs: new Map(),
    };
    const path = derivationFile(floating).path;
    const hashes = new DerivationHashes(() => floating);
    const user = blank({ ...read(twoOutputs), inputDrvs: new Map([[path, new Set(['out'])]]) });
    expect(fillOutputPaths(user, hashes).outputs.get('out')).toEqual({ kind: 'deferred' });
  });
});

describe('laws', () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9_]{1,8}$/);
  const text = fc
    .oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 20 }).map(decodeBytes))
    .map(wellFormed);
  const path = fc
    .tuple(fc.stringMatching(/^[0-9a-df-np-sv-z]{32}$/), name)
    .map(([hash, suffix]) => `/nix/store/${hash}-${suffix}`);
  const inputAddressed = fc.dictionary(name, path).map((outputs) => {
    const out = new Map<string, DerivationOutput>();
    for (const [key, value] of Object.entries(outputs)) out.set(key, { kind: 'inputAddressed', path: value });
    return out;
  });
  const derivations: fc.Arbitrary<Derivation> = fc.record({
    name: fc.constant('x'),
    outputs: inputAddressed,
    inputDrvs: fc
      .array(fc.tuple(path, fc.uniqueArray(name, { minLength: 1 })))
      .map((list) => new Map(list.map(([drv, names]) => [`${drv}.drv`, new Set(names)]))),
    inputSrcs: fc.array(path).map((list) => new Set(list)),
    system: name,
    builder: text,
    args: fc.array(text),
    env: fc.array(fc.tuple(text, text)).map((list) => new Map(list)),
  });

  it('reading what was printed gives the same derivation', () => {
    fc.assert(
      fc.property(derivations, (drv) => {
        expect(parseDerivation(printDerivation(drv), 'x')).toEqual(drv);
      }),
    );
  });

  it('JSON keeps everything', () => {
    fc.assert(
      fc.property(derivations, (drv) => {
        fc.pre(!drv.env.has('__json'));
        const json = printJson(derivationToJson(drv), 2);
        expect(printDerivation(derivationFromJson(parseJson(json)))).toBe(printDerivation(drv));
      }),
    );
  });
});

/** Lone surrogates other than escapes for bytes do not occur in Nix strings. */
function wellFormed(text: string): string {
  return decodeBytes(Buffer.from(text));
}

describe('JSON', () => {
  it('keeps structured attributes to the digit, in byte order of keys', () => {
    const drv = { ...read(twoOutputs), env: new Map([['__json', '{"10":1.0,"9":12345678901234567890}']]) };
    expect(printJson(derivationToJson(drv))).toContain('"structuredAttrs":{"10":1.0,"9":12345678901234567890}');
  });

  it('refuses other versions and unknown outputs', () => {
    expect(() => derivationFromJson(parseJson('{"version":3}'))).toThrow(
      'Unsupported derivation JSON format version 3',
    );
  });
});

describe('broken .drv files', () => {
  it.each([
    ['', "derivation does not start with 'Derive' or 'DrvWithVersion'"],
    ['Derive([', `expected string '('`],
    ['Derive([],[],[],"a', 'unterminated string in derivation'],
    ['Derive([("out","/x","","")],[],[],"","",[],[])', "path '/x' is not in the Nix store"],
  ])('%s', (text, message) => {
    expect(() => parseDerivation(text, 'x', '/p')).toThrow(`error parsing derivation '/p': ${message}`);
  });

  it('a fixed output at a path that does not follow from its hash', () => {
    const digest = new Uint8Array(32);
    const output = fixedOutput('x', { method: 'nar', hash: { algorithm: 'sha256', digest } });
    const drv = { ...read(twoOutputs), name: 'x', outputs: new Map([['out', output]]) };
    const text = printDerivation(drv);
    expect(parseDerivation(text, 'x').outputs).toEqual(drv.outputs);
    expect(() => parseDerivation(text.replaceAll('00000000', '00000001'), 'x')).toThrow('does not match its content');
  });
});

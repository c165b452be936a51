/** builtins.fetchClosure, from a cache in a directory: as it is, rewritten, and what it does not believe. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Evaluation } from '../../../src/api/evaluation.ts';
import { encodeBytes } from '../../../src/base/bytes.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { isNixString, stringText } from '../../../src/runtime/value.ts';
import { writeCache } from '../../../src/store/binary-cache/write-cache.ts';
import { deleteTree } from '../../../src/store/local/files.ts';
import { LocalStore } from '../../../src/store/local/local-store.ts';
import { isItsContent, makeContentAddressed } from '../../../src/store/make-content-addressed.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { type FileTree, narOfTree } from '../../../src/store/nar/tree.ts';
import { withPeer } from '../../support/peers.ts';

const place = mkdtempSync(join(tmpdir(), 'nixlet-closure-'));
const cache = `file://${place}/cache`;
const a = '/nix/store/00000000000000000000000000000000-a';
const b = '/nix/store/11111111111111111111111111111111-b';
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = `test-1:${publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`;
const signer = (text: string) => `test-1:${sign(null, Buffer.from(text), privateKey).toString('base64')}`;

function add(store: MemoryStore, path: string, text: string, references: string[]): void {
  const file: FileTree = { type: 'regular', executable: false, contents: encodeBytes(text) };
  store.addNar({ path, references }, narOfTree({ type: 'directory', entries: new Map([['foo.nix', file]]) }));
}

beforeAll(async () => {
  process.env._NIX_IN_TEST = '1';
  const store = new MemoryStore();
  add(store, a, '"text"', []);
  add(store, b, `# ${b}\nimport ${a}/foo.nix`, [a, b]);
  await writeCache(store, [b], join(place, 'cache'));
  await writeCache(store, [b], join(place, 'signed'), { sign: signer });
});
afterAll(() => {
  delete process.env._NIX_IN_TEST;
  deleteTree(place);
});

let stores = 0;
function evaluate(
  args: string,
  settings: readonly (readonly [string, string])[] = [],
  tail = '',
  from = cache,
): string {
  const evaluation = new Evaluation({
    storeRoot: join(place, `store${stores++}`),
    readOnly: false,
    onMessage: () => {},
    settings: [['experimental-features', 'fetch-closure'], ['eval-cache', 'false'], ...settings],
  });
  const call = `builtins.fetchClosure { fromStore = "${from}"; ${args} }`;
  const value = evaluation.text(tail === '' ? call : `import (${call} + "${tail}")`).evaluate();
  if (!isNixString(value)) throw new Error('no string');
  return stringText(value);
}

function failure(args: string, settings?: readonly (readonly [string, string])[]): string {
  try {
    evaluate(args, settings);
  } catch (error) {
    if (error instanceof NixError) return error.message;
    throw error;
  }
  throw new Error('it did not fail');
}

const trusting = [['require-sigs', 'false']] as const;

describe('fetchClosure', () => {
  it('takes what is input-addressed only when told, and trusted', () => {
    expect(failure(`fromPath = ${a};`, trusting)).toMatch(
      /^The 'fromPath' value '.*-a' is input-addressed, but 'inputAddressed' is set to 'false' \(default\)\./,
    );
    expect(evaluate(`fromPath = ${b}; inputAddressed = true;`, trusting)).toBe(b);
    expect(failure(`fromPath = ${b}; inputAddressed = true;`)).toBe(
      `cannot add path '${a}' because it lacks a signature by a trusted key`,
    );
    const signed = `fromPath = ${b}; inputAddressed = true;`;
    expect(evaluate(signed, [['trusted-public-keys', key]], '', `file://${place}/signed`)).toBe(b);
  });

  it('rewrites', () => {
    const message = failure(`fromPath = ${b}; toPath = "";`);
    const [, target = ''] =
      /^rewriting '.*' to content-addressed form yielded '(.*)'\nUse this value/.exec(message) ?? [];
    expect(evaluate(`fromPath = ${b}; toPath = ${target};`)).toBe(target);
    expect(evaluate(`fromPath = ${b}; toPath = ${target};`, [], '/foo.nix')).toBe('text');
    expect(failure(`fromPath = ${b}; toPath = ${a};`)).toBe(
      `rewriting '${b}' to content-addressed form yielded '${target}', while '${a}' was expected`,
    );
  });

  it.each([
    ['x = 1;', "attribute 'x' isn't supported in call to 'fetchClosure'"],
    ['', "attribute 'fromPath' is missing in call to 'fetchClosure'"],
    [
      `fromPath = ${a}; toPath = ""; inputAddressed = true;`,
      "attribute 'inputAddressed' is set to true, but 'toPath' is also set. Please remove one of them",
    ],
    [
      'fromPath = /nix/store/22222222222222222222222222222222-c;',
      "path '/nix/store/22222222222222222222222222222222-c' is not valid",
    ],
  ])('%s', (args, message) => {
    expect(failure(args)).toBe(message);
  });

  it('takes no other stores', () => {
    const call = (url: string) => () =>
      new Evaluation({
        storeRoot: join(place, 'other'),
        readOnly: true,
        settings: [['experimental-features', 'fetch-closure']],
      })
        .text(`builtins.fetchClosure { fromStore = "${url}"; fromPath = ${a}; }`)
        .evaluate();
    expect(call('ssh://host')).toThrow("'fetchClosure' only supports http:// and https:// stores");
    expect(call(`${cache}?x=y`)).toThrow(`'fetchClosure' does not support URL query parameters (in '${cache}?x=y')`);
  });
});

describe('content-addressed objects', () => {
  it('are recognised', () => {
    const store = new MemoryStore();
    add(store, a, `${a} and ${a}`, [a]);
    const made = makeContentAddressed(
      { path: a, references: [a], nar: Buffer.concat([...store.readNar(a)]) },
      new Map(),
    );
    expect(isItsContent({ path: made.path, references: [made.path], ca: made.ca }, made.nar)).toBe(true);
    expect(isItsContent({ path: a, references: [], ca: made.ca }, made.nar)).toBe(false);
  });

  withPeer('nix')('have the paths that C++ Nix gives them', () => {
    const options = ['--extra-experimental-features', 'nix-command', '--store', join(place, 'peer')];
    const from = ['--from', `${cache}?trusted=true`];
    const json = execFileSync('nix', ['store', 'make-content-addressed', '--json', ...options, ...from, b], {
      stdio: 'pipe',
    });
    const target = JSON.parse(json.toString()).rewrites[b];
    expect(failure(`fromPath = ${b}; toPath = "";`)).toContain(`yielded '${target}'`);
    const store = new LocalStore({ root: join(place, 'peer'), readOnly: true });
    expect(readFileSync(`${store.realPath(target)}/foo.nix`, 'utf8')).toContain(target);
    store.close();
  });
});

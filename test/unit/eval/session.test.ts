import { describe, expect, test } from 'vitest';
import { Source } from '../../../src/errors/source.ts';
import type { CodeCache } from '../../../src/eval/units.ts';
import { Attrs } from '../../../src/runtime/attrs.ts';
import { evaluate, evaluationError, show, testSession } from '../../support/evaluate.ts';

const text = (source: string) => new Source(source, { kind: 'string' });

describe('import', () => {
  test('relative paths start at the file', () => {
    const files = { '/d/default.nix': 'import ./sub/x.nix + 1', '/d/sub/x.nix': 'import ../y.nix', '/d/y.nix': '41' };
    expect(evaluate('import /d', { files })).toBe('42');
  });

  test('a file is evaluated once', () => {
    let reads = 0;
    const files = {
      get '/x.nix'() {
        reads++;
        return '{ }';
      },
    };
    const session = testSession({ files });
    const value = () => session.evalText(text('import /x.nix'), '/');
    expect(value()).toBe(value());
    const before = reads;
    value();
    expect(reads).toBe(before);
    session.forgetFiles();
    value();
    expect(reads).toBeGreaterThan(before);
  });

  test('links are followed to where the file is', () => {
    const files = { '/a/link.nix': '-> ../b/real.nix', '/b/real.nix': './.', '/l': '-> b', '/b/default.nix': '"b"' };
    expect(evaluate('import /a/link.nix', { files })).toBe('/b');
    expect(evaluate('import /l', { files })).toBe('"b"');
  });

  test('a file that imports itself', () => {
    expect(evaluationError('import /x.nix', { files: { '/x.nix': 'import ./x.nix' } })[0]).toContain(
      'infinite recursion',
    );
  });

  test('errors tell the file', () => {
    const lines = evaluationError('import /x.nix', { files: { '/x.nix': 'throw "no"' } });
    expect(lines).toEqual([
      'no @1:1',
      "while calling the 'throw' builtin @1:1",
      "while evaluating the file '/x.nix':",
      "while calling the 'import' builtin @1:1",
    ]);
  });

  test('scopedImport puts variables before the global ones', () => {
    const files = { '/x.nix': '[ a true (1 - 2) (import ./y.nix) ]', '/y.nix': 'true' };
    const scope = '{ a = 1; true = "t"; __sub = a: b: "s"; }';
    expect(evaluate(`scopedImport ${scope} /x.nix`, { files })).toBe('[ 1 "t" "s" true ]');
  });
});

describe('texts', () => {
  test('variables of the REPL', () => {
    const session = testSession();
    const first = session.evalBindings(text('x = 1; null = 2;'), '/', Attrs.empty);
    const second = Attrs.update(first, session.evalBindings(text('y = x + null;'), '/', first));
    expect(show(session, session.evalText(text('[ x y null true ]'), '/', second))).toBe('[ 1 3 2 true ]');
    expect(() => session.check(text('z'), '/', second)).toThrow("undefined variable 'z'");
  });

  test('builtins hold themselves', () => {
    expect(evaluate('builtins.builtins.builtins ? derivation && builtins.true')).toBe('true');
  });
});

describe('search path', () => {
  const files = { '/one/a.nix': '1', '/two/b.nix': '2', '/two/c/d.nix': '3' };
  const settings = {
    searchPath: [
      { prefix: 'x', path: '/two' },
      { prefix: '', path: '/gone' },
      { prefix: '', path: '/one' },
    ],
  };

  test('prefixes and plain directories', () => {
    const messages: string[] = [];
    const value = evaluate('[ <a.nix> <x> <x/c/d.nix> <x/b.nix> ]', { files, settings, messages });
    expect(value).toBe('[ /one/a.nix /two /two/c/d.nix /two/b.nix ]');
    expect(messages).toEqual(["warning: warning: Nix search path entry '/gone' does not exist, ignoring"]);
  });

  test('what is nowhere', () => {
    expect(evaluationError('<xy>', { files, settings })[0]).toBe(
      "file 'xy' was not found in the Nix search path (add it using $NIX_PATH or -I) @1:1",
    );
    expect(evaluate('(builtins.tryEval <xy>).success', { files, settings })).toBe('false');
  });

  test('the files that come along', () => {
    expect(evaluate('<nix/fetchurl.nix>')).toBe('/__corepkgs__/fetchurl.nix');
  });
});

describe('cache', () => {
  function memoryCache() {
    const entries = new Map<string, Uint8Array>();
    const cache: CodeCache = { get: (key) => entries.get(key), put: (key, bytes) => void entries.set(key, bytes) };
    return { entries, cache };
  }

  test('a second session needs no parser', () => {
    const { entries, cache } = memoryCache();
    const files = { '/x.nix': 'let a = ./y; in { inherit a; f = x: throw "here"; }' };
    const expression = '(import /x.nix).a';
    expect(evaluate(expression, { files, options: { cache } })).toBe('/y');
    expect(entries.size).toBe(2);
    const session = testSession({ files, options: { cache } });
    expect(show(session, session.evalText(text(expression), '/base'))).toBe('/y');
    expect(evaluationError('(import /x.nix).f 1', { files, options: { cache } })[0]).toBe('here @1:37');
  });

  test('the same text elsewhere needs no parser either', () => {
    const { entries, cache } = memoryCache();
    const text = '[ ./a ../b /c ~/d ./e/${"f"} ./. ]';
    const files = { '/x/y/z.nix': text, '/q.nix': text };
    expect(evaluate('import /x/y/z.nix', { files, options: { cache } })).toBe(
      '[ /x/y/a /x/b /c /home/me/d /x/y/e/f /x/y ]',
    );
    expect(evaluate('import /q.nix', { files, options: { cache } })).toBe('[ /a /b /c /home/me/d /e/f / ]');
    expect(entries.size).toBe(3);
  });

  test('damage is repaired', () => {
    const { entries, cache } = memoryCache();
    evaluate('1 + 1', { options: { cache } });
    const [[key, bytes]] = [...entries] as [[string, Uint8Array]];
    entries.set(
      key,
      bytes.map((byte) => byte ^ 1),
    );
    expect(evaluate('1 + 1', { options: { cache } })).toBe('2');
    expect(entries.get(key)).toEqual(bytes);
  });
});

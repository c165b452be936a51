/** Files, the store and the messages that builtins print, over files in memory. */
import { describe, expect, test } from 'vitest';
import { errorOf, evaluate } from '../../support/memory-session.ts';

const files = { '/d/a': 'text', '/d/sub/b': 'B', '/d/link': '-> sub', '/d/dangling': '-> nowhere', '/d/nul': 'a\0b' };
const run = (expr: string) => evaluate(expr, { files });
const message = (expr: string, settings = {}) => errorOf(expr, { files, settings }).message;

describe('reading', () => {
  test('files and directories', () => {
    expect(run('builtins.readFile /d/a')).toBe('"text"');
    expect(run('builtins.readDir /d')).toBe(
      '{ a = "regular"; dangling = "symlink"; link = "symlink"; nul = "regular"; sub = "directory"; }',
    );
    expect(run('builtins.readDir /d/link')).toBe('{ b = "regular"; }');
    expect(run('map builtins.readFileType [ /d /d/a /d/link ]')).toBe('[ "directory" "regular" "symlink" ]');
    expect(run('builtins.hashFile "md5" /d/a')).toBe('"1cb251ec0d568de6a929b520c4aed8d1"');
  });

  test('what is not there, or not that', () => {
    expect(message('builtins.readDir /d/x')).toBe("path '/d/x' does not exist");
    expect(message('builtins.readDir /d/a')).toBe("'/d/a' is not a directory");
    expect(message('builtins.readFileType /d/x')).toBe("path '/d/x' does not exist");
    expect(message('builtins.readFile /d/nul')).toBe(
      "the contents of the file '/d/nul' cannot be represented as a Nix string",
    );
    expect(message('"${/d/x}"')).toBe("path '/d/x' does not exist");
  });

  test('pathExists', () => {
    expect(
      run('map builtins.pathExists [ /d/a /d/sub /d/dangling /d/x "/d/sub/" "/d/a/" "/d/link/." "/d/dangling/" ]'),
    ).toBe('[ true true true false true false true false ]');
  });

  test('only what the mode allows', () => {
    const restricted = { restrictEval: true, searchPath: [{ prefix: 'x', path: '/d/sub' }] };
    expect(evaluate('builtins.readFile /d/sub/b', { files, settings: restricted })).toBe('"B"');
    expect(message('builtins.readFile /d/a', restricted)).toBe(
      "access to absolute path '/d/a' is forbidden in restricted mode",
    );
    expect(message('builtins.readFile /d/a', { pureEval: true })).toBe(
      "access to absolute path '/d/a' is forbidden in pure evaluation mode (use '--impure' to override)",
    );
    expect(evaluate('builtins.pathExists /d/a', { files, settings: { pureEval: true } })).toBe('false');
    expect(evaluate('builtins.getEnv "A"', { env: { A: 'b' } })).toBe('"b"');
    expect(evaluate('builtins.getEnv "A"', { env: { A: 'b' }, settings: { restrictEval: true } })).toBe('""');
  });
});

describe('adding to the store', () => {
  test('filters see path and type', () => {
    expect(
      run(
        'builtins.filterSource (p: t: p != "/d/nul" && t != "symlink") /d == builtins.path { path = /d; name = "d"; filter = p: t: builtins.elem (baseNameOf p) [ "a" "sub" "b" ]; }',
      ),
    ).toBe('true');
    expect(
      run(
        'let p = builtins.path { path = /d/a; name = "n"; recursive = false; }; in p == "${p}" && builtins.hasContext p',
      ),
    ).toBe('true');
  });

  test('a wrong hash', () => {
    const zero = '0'.repeat(64);
    expect(message(`builtins.path { path = /d/a; sha256 = "${zero}"; }`)).toBe(
      "store path mismatch in (possibly filtered) path added from '/d/a'",
    );
  });

  test('bad names and arguments', () => {
    expect(message('builtins.toFile "a b" ""')).toBe("name 'a b' contains illegal character ' '");
    expect(message('builtins.path { path = /d; nope = 1; }')).toBe("unsupported argument 'nope' to 'builtins.path'");
    expect(message('builtins.path { name = "x"; }')).toBe(
      "missing required 'path' attribute in the first argument to 'builtins.path'",
    );
    expect(message('builtins.toFile "x" "${derivation { name = "n"; system = "s"; builder = "b"; }}"')).toMatch(
      /^files created by builtins.toFile may not reference derivations, but x references !out![0-9a-z]{32}-n\.drv$/,
    );
    expect(message('builtins.storePath /d')).toBe("path '/d' is not in the Nix store");
    expect(message('"${/d/x.drv}"')).toBe("file names are not allowed to end in '.drv'");
  });

  test('fetchers check their arguments first', () => {
    expect(message('builtins.fetchurl { }')).toBe("'url' argument required");
    expect(message('builtins.fetchTarball { url = "u"; sha265 = "x"; }')).toBe(
      "unsupported argument 'sha265' to 'fetchTarball'",
    );
    expect(message('builtins.fetchurl "http://localhost/a b"')).toMatch(/^invalid store path name when fetching URL/);
    expect(message('builtins.fetchGit { type = "git"; }')).toBe("unexpected argument 'type'");
    expect(message('builtins.fetchGit { url = "u"; n = [ ]; }')).toBe(
      "argument 'n' to 'fetchGit' is a list while a string, Boolean or integer is expected",
    );
    expect(message('builtins.fetchurl "http://localhost/x"', { restrictEval: true })).toBe(
      "access to URI 'http://localhost/x' is forbidden in restricted mode",
    );
    expect(message('builtins.fetchurl "http://localhost/x"', { pureEval: true })).toBe(
      "in pure evaluation mode, 'fetchurl' requires a 'sha256' argument",
    );
  });
});

describe('messages', () => {
  test('trace and warn', () => {
    const messages: string[] = [];
    evaluate(
      'builtins.trace { a = 1; b = throw "x"; f = x: x; } (builtins.trace "plain" (builtins.warn "careful" 1))',
      {
        messages,
      },
    );
    expect(messages.slice(0, 3)).toEqual([
      'trace: { a = 1; b = «thunk»; f = «lambda f @ «string»:1:44»; }',
      'trace: plain',
      'evaluation warning: careful',
    ]);
    expect(errorOf('builtins.warn "x" 1', { settings: { abortOnWarn: true } }).message).toContain('abort-on-warn');
    expect(evaluate('builtins.traceVerbose (throw "x") 1')).toBe('1');
  });
});

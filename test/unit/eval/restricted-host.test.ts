/** Pure and restricted evaluation: what is open, what is refused, and that links do not lead out. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Evaluation } from '../../../src/api/evaluation.ts';
import { NixError } from '../../../src/errors/nix-error.ts';

const place = mkdtempSync(join(tmpdir(), 'nixlet-restricted-'));
mkdirSync(join(place, 'open/inner'), { recursive: true });
mkdirSync(join(place, 'closed'));
writeFileSync(join(place, 'open/a.nix'), 'import ./inner/b.nix');
writeFileSync(join(place, 'open/inner/b.nix'), '1');
writeFileSync(join(place, 'closed/secret'), 'secret');
symlinkSync('..', join(place, 'open/tunnel'));
symlinkSync('inner/b.nix', join(place, 'open/link'));
symlinkSync('../closed/secret', join(place, 'open/leak'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

function evaluate(text: string, mode: 'pure-eval' | 'restrict-eval', includes: string[] = []): string {
  const evaluation = new Evaluation({
    storeRoot: join(place, 'store'),
    readOnly: false,
    includes,
    onMessage: () => {},
    settings: [
      [mode, 'true'],
      ['eval-cache', 'false'],
    ],
  });
  try {
    const value = evaluation.text(text.replaceAll('@', place)).evaluate();
    return evaluation.printForEval(value).replaceAll(place, '@');
  } catch (error) {
    if (error instanceof NixError) return error.message.replaceAll(place, '@');
    throw error;
  }
}

const forbidden = (path: string) => `access to absolute path '${path}' is forbidden in restricted mode`;

describe('restricted evaluation', () => {
  it.each([
    ['builtins.readFile @/open/inner/b.nix', '"1"'],
    ['import @/open/a.nix', '1'],
    ['builtins.readFile @/open/link', '"1"'],
    ['builtins.readFile @/open/leak', forbidden('@/closed/secret')],
    ['builtins.readFile @/open/tunnel/closed/secret', forbidden('@/closed/secret')],
    ['builtins.readDir @/open/tunnel', '{ open = "directory"; }'],
    ['builtins.readFile @/closed/secret', forbidden('@/closed/secret')],
    ['import @/closed/secret', forbidden('@/closed/secret')],
    ['"${@/closed/secret}"', forbidden('@/closed/secret')],
    ['builtins.path { path = @/closed/secret; }', forbidden('@/closed/secret')],
    ['builtins.hashFile "sha256" @/closed/secret', forbidden('@/closed/secret')],
    ['builtins.readFileType @/closed/secret', forbidden('@/closed/secret')],
    ['builtins.pathExists @/closed/secret', 'false'],
    ['builtins.pathExists @/open/tunnel/closed', 'false'],
    ['builtins.pathExists @/open', 'true'],
    ['builtins.readFile (builtins.toFile "x" "y")', '"y"'],
    ['builtins.readFile "${@/open/inner}/b.nix"', '"1"'],
    [
      'builtins.readFile "/nix/store/00000000000000000000000000000000-x"',
      forbidden('/nix/store/00000000000000000000000000000000-x'),
    ],
    ['builtins.getEnv "HOME"', '""'],
    [
      'builtins.fetchurl "http://host.invalid/x"',
      "access to URI 'http://host.invalid/x' is forbidden in restricted mode",
    ],
  ])('%s', (text, result) => {
    expect(evaluate(text, 'restrict-eval', [`src=${place}/open`])).toBe(result);
  });
});

describe('pure evaluation', () => {
  const pure = (path: string) =>
    `access to absolute path '${path}' is forbidden in pure evaluation mode (use '--impure' to override)`;
  it.each([
    ['builtins.readFile @/open/a.nix', pure('@/open/a.nix')],
    ['builtins.pathExists @/open/a.nix', 'false'],
    ['builtins.readFile (builtins.toFile "x" "y")', '"y"'],
    ['@/open/a.nix', '@/open/a.nix'],
    ['builtins.nixPath', '[ ]'],
    ['builtins ? currentTime || builtins ? currentSystem', 'false'],
    ['builtins.storePath "/nix/store/x"', "'builtins.storePath' is not allowed in pure evaluation mode"],
  ])('%s', (text, result) => {
    expect(evaluate(text, 'pure-eval', [`src=${place}/open`])).toBe(result);
  });
});

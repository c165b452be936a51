/**
 * The fixtures fixtures/lang/parse-{okay,fail}-*.nix against their expected output: what --parse prints, or the error
 * as a terminal without colours shows it. UPDATE_GOLDEN=1 writes what comes out; then read the difference.
 * A .flags file beside a fixture may switch an experimental feature on.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeBytes, encodeBytes } from '../../../src/base/bytes.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { renderError, renderWarning } from '../../../src/errors/render.ts';
import { Source } from '../../../src/errors/source.ts';
import { parse } from '../../../src/syntax/parse.ts';
import { printExpression } from '../../../src/syntax/print.ts';

const folder = new URL('../../../fixtures/lang/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => /^parse-(okay|fail)-.*\.nix$/.test(file))
  .map((file) => file.slice(0, -'.nix'.length));

function run(name: string): { out: string; err: string } {
  const text = decodeBytes(readFileSync(new URL(`${name}.nix`, folder)));
  const flags = new URL(`${name}.flags`, folder);
  const pipeOperators = existsSync(flags) && readFileSync(flags, 'utf8').includes('pipe-operators');
  let err = '';
  try {
    const { node } = parse(new Source(text, { kind: 'stdin' }), {
      basePath: '/pwd',
      homeDirectory: '/home/user',
      pipeOperators,
      warn: (warning) => {
        err += `${renderWarning(warning)}\n`;
      },
    });
    return { out: `${printExpression(node)}\n`, err };
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    return { out: '', err: `${err}${renderError(error)}\n` };
  }
}

function expectGolden(name: string, extension: string, actual: string): void {
  const file = new URL(`${name}.${extension}`, folder);
  if (process.env.UPDATE_GOLDEN && (actual !== '' || existsSync(file))) writeFileSync(file, encodeBytes(actual));
  const expected = existsSync(file) ? decodeBytes(readFileSync(file)) : '';
  expect(actual).toBe(expected);
}

describe('fixtures/lang', () => {
  test.each(names)('%s', (name) => {
    const { out, err } = run(name);
    expect(out === '').toBe(name.startsWith('parse-fail'));
    expectGolden(name, 'exp', out);
    expectGolden(name, 'err.exp', err);
  });
});

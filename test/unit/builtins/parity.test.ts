/** fixtures/builtins/parity.nix gives the same with C++ Nix. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { NO_POS } from '../../../src/errors/position.ts';
import { Source } from '../../../src/errors/source.ts';
import { ContextBuilder } from '../../../src/runtime/context-builder.ts';
import { printJsonValue } from '../../../src/runtime/print-json.ts';
import { memorySession } from '../../support/memory-session.ts';
import { withPeer } from '../../support/peers.ts';

const file = new URL('../../../fixtures/builtins/parity.nix', import.meta.url).pathname;

describe('builtins that have not changed since Nix 2.8', () => {
  withPeer('nix-instantiate')('give what they gave', () => {
    const out = execFileSync('nix-instantiate', ['--eval', '--strict', '--json', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NIX_REMOTE: 'dummy://', NIX_PATH: '' },
    });
    const session = memorySession();
    const value = session.evalText(new Source(readFileSync(file, 'utf8'), { kind: 'string' }), '/base');
    const ours = session.enter(() => printJsonValue(session.context, value, NO_POS, new ContextBuilder()));
    expect(JSON.parse(ours)).toEqual(JSON.parse(out));
  });
});

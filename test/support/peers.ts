/**
 * Peers are the programs that tests compare with. `withPeer('skopeo')` gives vitest's `it`, or, where the program is
 * missing, an `it` that skips by name; under CI=true a missing peer is a failure, since there it must be installed.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { it } from 'vitest';

export function findProgram(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}

type It = (name: string, run: () => void | Promise<void>, timeout?: number) => void;

export function withPeer(...programs: string[]): It {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return (name, run, timeout) => it(name, run, timeout);
  return (name) => {
    if (process.env.CI === 'true')
      it(name, () => {
        throw new Error(`${missing.join(', ')} must be installed under CI=true`);
      });
    else it.skip(`${name} [skipped: no ${missing.join(', ')} here]`, () => {});
  };
}

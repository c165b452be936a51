/**
 * Standard output and error. Results go to standard output, everything else to standard error. Writes are synchronous, so
 * that nothing is lost when the process ends, and a reader that went away (EPIPE) ends us quietly.
 */
import { writeSync } from 'node:fs';
import { encodeBytes } from '../base/bytes.ts';
import { NixError } from '../errors/nix-error.ts';

export function writeOut(text: string | Uint8Array): void {
  writeAll(1, text);
}

/** A line, or several, for standard error. */
export function writeError(text: string): void {
  writeAll(2, `${text}\n`);
}

function writeAll(descriptor: number, text: string | Uint8Array): void {
  let rest: Uint8Array = typeof text === 'string' ? encodeBytes(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      else if (code === 'EPIPE') process.exit(descriptor === 1 ? 1 : 0);
      else
        throw new NixError(
          `writing to standard ${descriptor === 1 ? 'output' : 'error'}: ${(error as Error).message}`,
          { class: 'Error' },
        );
    }
  }
}

export function colorWanted(): boolean {
  if (
    process.env.NO_COLOR !== undefined ||
    process.env.NOCOLOR !== undefined ||
    (process.env.TERM ?? 'dumb') === 'dumb'
  )
    return false;
  return process.env.CLICOLOR_FORCE !== undefined || (process.stderr.isTTY ?? false);
}

export function showTraceWanted(args: readonly string[]): boolean {
  return args.includes('--show-trace') || /^\s*show-trace\s*=\s*true\s*$/m.test(process.env.NIX_CONFIG ?? '');
}

/**
 * One pipe for a child's standard output and standard error, so that their order in the log is true. Node makes sockets
 * for its children, which cannot be opened again: `echo ... > /dev/stderr` would fail. A named pipe can; where there is no
 * mkfifo to make one, a socket has to do.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

export interface OutputPipe {
  /** For the child's standard output and error. Undefined: use 'pipe' for both. */
  readonly writeFd: number | undefined;
  readonly output: Readable | undefined;
  /** Our copy of the writing end; to be called once the child has its own. */
  closeWriter(): void;
}

/** `path`: a place for the pipe, in a directory of this build's own. It is gone when this returns. */
export function createOutputPipe(path: string): OutputPipe {
  if (!makeFifo(path)) return { writeFd: undefined, output: undefined, closeWriter: () => {} };
  // Not blocking, else opening would wait for a writer; the writer's own end blocks, as programs expect.
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  return {
    writeFd,
    output: new Socket({ fd: readFd, readable: true, writable: false }),
    closeWriter: () => closeSync(writeFd),
  };
}

function makeFifo(path: string): boolean {
  const env = { PATH: '/usr/bin:/bin:/run/current-system/sw/bin' };
  return spawnSync('mkfifo', ['-m', '600', path], { env, stdio: 'ignore' }).status === 0;
}

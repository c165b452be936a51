/** What can go wrong with a download, and what the user is told of it. */
import { type Hash, printHash } from '../../derivation/hash-string.ts';
import { NixError } from '../../errors/nix-error.ts';

/** The bytes that a server sent are whole, but not those that were asked for. */
export class WrongHash extends NixError {
  readonly specified: Hash;
  readonly got: Hash;

  constructor(url: string, specified: Hash, got: Hash) {
    super(
      `hash mismatch in file downloaded from '${url}':\n  specified: ${printHash(specified, 'sri')}\n     got:    ${printHash(got, 'sri')}`,
      { class: 'BuildError', exitCode: 102 },
    );
    this.specified = specified;
    this.got = got;
  }
}

/** An attempt that is worth no repetition: the server has no such file, or a wrong one. */
export class Refused extends Error {
  readonly missing: boolean;

  constructor(message: string, missing: boolean) {
    super(message);
    this.missing = missing;
  }
}

/** Every mirror answered, and none has the file. */
export class MissingEverywhere extends NixError {}

/** 4xx say that asking again is no use, save for those that ask for patience. */
export function statusError(status: number): Error {
  const message = `HTTP error ${status}`;
  const transient = status >= 500 || status === 408 || status === 425 || status === 429;
  return transient ? new Error(message) : new Refused(message, status === 404 || status === 410);
}

/** An error of this machine's disk, not of the network. */
export function isLocal(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return ['open', 'write', 'mkdir', 'rename'].includes(syscall ?? '') && code !== 'EAGAIN';
}

export function failure(url: string, error: unknown): NixError {
  if (error instanceof NixError) return error;
  return new NixError(`unable to download '${url}': ${causeOf(error)}`, { class: 'Error', cause: error });
}

function causeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name cannot be resolved';
  if (code === 'ECONNREFUSED') return 'the connection was refused';
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || message === 'aborted')
    return 'the server closed the connection before the end';
  return message || code || String(error);
}

/** One message for all mirrors: what to do depends on why the last resort failed. */
export function mirrorFailure(
  url: string,
  failures: readonly { readonly url: string; readonly error: unknown }[],
): NixError {
  const wrong = failures.map(({ error }) => error).find((error) => error instanceof WrongHash);
  const lines = failures.map((one) => `\n${failure(one.url, one.error).message}`).join('');
  const missing = failures.every(({ error }) => error instanceof Refused && error.missing);
  if (missing)
    return new MissingEverywhere(`no mirror carries the locked file '${url}' any more:${lines}`, {
      class: 'Error',
      hint: "run 'nixlet channel update' to lock the versions that the mirror has now",
    });
  if (wrong) return wrong;
  return new NixError(`cannot download '${url}':${lines}`, {
    class: 'Error',
    hint: 'check the network, or name another mirror with --debian-mirror URL or NIXLET_DEBIAN_MIRROR=URL',
  });
}

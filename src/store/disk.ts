/**
 * What the disk code of this room shares: physical paths as Node wants them, and system errors in Nix's words
 * ("opening file '/x': Permission denied").
 */
import { getSystemErrorMessage } from 'node:util';
import { encodeBytes } from '../base/bytes.ts';
import { type ErrorClass, NixError } from '../errors/nix-error.ts';

/** A path that holds bytes which are not UTF-8 (base/bytes.ts) must go to Node as bytes. */
export function diskPath(path: string): string | Buffer {
  return path.isWellFormed() ? path : Buffer.from(encodeBytes(path));
}

export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC:
    'The disk is full. Nothing was registered; free some space (for instance with `nixlet store gc`) and try again.',
  EDQUOT: 'The disk quota is used up. Nothing was registered; free some space and try again.',
  EROFS: 'The file system is read-only; `--store ROOT` takes another place.',
};

const notWritable = 'The store is not writable for this user; `--store ROOT` takes another place.';

/** `doing` as in "opening file": the message is "<doing> '<path>': <what the system says>". */
export function fileError(doing: string, path: string, error: unknown, errorClass: ErrorClass = 'Error'): unknown {
  const code = systemErrorCode(error);
  if (error instanceof NixError || code === undefined) return error;
  return new NixError(`${doing} '${path}': ${systemErrorText(error as NodeJS.ErrnoException)}`, {
    class: errorClass,
    hint: hints[code] ?? (code === 'EACCES' && errorClass === 'StoreError' ? notWritable : undefined),
    cause: error,
  });
}

const asStrerror: Readonly<Record<string, string>> = {
  EEXIST: 'File exists',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EDQUOT: 'Disk quota exceeded',
  ENAMETOOLONG: 'File name too long',
};

function systemErrorText(error: NodeJS.ErrnoException): string {
  const known = asStrerror[error.code ?? ''];
  if (known !== undefined) return known;
  const text = error.errno === undefined ? error.message : getSystemErrorMessage(error.errno);
  return (text[0] ?? '').toUpperCase() + text.slice(1);
}

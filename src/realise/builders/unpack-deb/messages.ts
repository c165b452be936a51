/** Every way in which unpacking a Debian package can fail, in one place. */
import { NixError } from '../../../errors/nix-error.ts';

function failure(message: string, hint?: string, cause?: unknown): NixError {
  return new NixError(message, { class: 'BuildError', hint, cause });
}

const hintDownload = 'the file does not hold what its name promises; was it downloaded completely?';

export const notAnArchive = (file: string) =>
  failure(`'${file}' is not a Debian package: it does not start with the magic of an 'ar' archive`, hintDownload);

export const unsupportedVersion = (file: string, version: string) =>
  failure(`'${file}' is a Debian package of format '${version}'; formats 2.x are supported`);

export const badMemberHeader = (file: string, offset: number) =>
  failure(`'${file}' is a damaged Debian package: there is no member header at byte ${offset}`, hintDownload);

export const truncatedMember = (file: string, member: string) =>
  failure(`'${file}' is a truncated Debian package: it ends in the middle of '${member}'`, hintDownload);

export const missingMember = (file: string, member: string) =>
  failure(`'${file}' is not a Debian package: it has no member '${member}'`, hintDownload);

export const unsupportedCompression = (file: string, member: string) =>
  failure(`cannot unpack '${member}' of '${file}': only gzip, xz, zstd and uncompressed members are supported`);

export const badArchive = (file: string, member: string, cause: unknown) =>
  failure(
    `cannot unpack '${member}' of '${file}': ${cause instanceof Error ? cause.message : String(cause)}`,
    hintDownload,
    cause,
  );

export const unsafePath = (file: string, path: string) =>
  failure(`'${file}' holds the unsafe path '${path}': absolute paths and '..' are refused`);

export const unsupportedEntry = (file: string, path: string, type: string) =>
  failure(`'${file}' holds '${path}', a ${type}: only files, directories and links can be in a store path`);

export const danglingHardLink = (file: string, path: string, destination: string) =>
  failure(`'${file}' holds '${path}', a hard link to '${destination}', which does not come before it`);

export const collision = (path: string, first: string, second: string) =>
  failure(
    `'${first}' and '${second}' both have '${path}', with different content`,
    "leave one of them out by 'remove', or make them separate packages",
  );

export const unknownFixup = (name: string, known: readonly string[]) =>
  failure(`builder 'builtin:unpack-deb' knows no fixup '${name}'; it knows: ${known.join(', ')}`);

export const fixupFailed = (name: string, reason: string) => failure(`fixup '${name}' cannot be applied: ${reason}`);

export const existingLink = (path: string) => failure(`link '${path}' is asked for, but the package has a file there`);

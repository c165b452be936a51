/**
 * builtin:fetchurl: one file from a URL, whose hash is fixed. As in Nix, `executable = "1"` makes the file executable, and
 * `unpack = "1"` takes the file for a NAR (compressed with xz where the URL ends so) and unpacks it. A plain file is
 * verified while it arrives and goes through the cache of downloads; for the others the hash of the output decides.
 */
import { chmod, copyFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseMethod } from '../../derivation/content-address.ts';
import { parseHashDigits } from '../../derivation/hash-string.ts';
import { NixError } from '../../errors/nix-error.ts';
import { decompress } from '../../store/binary-cache/decompress.ts';
import { restoringReader } from '../../store/nar/restore.ts';
import type { BuildContext, BuiltinBuilder } from '../builtin.ts';
import { WrongHash } from '../download/trouble.ts';
import { hashMismatch } from '../failures.ts';

export const fetchurl: BuiltinBuilder = { name: 'fetchurl', waits: true, build };

async function build(context: BuildContext): Promise<void> {
  const { drv, drvPath, attrs } = context;
  const out = context.outputs.get('out');
  const output = drv.outputs.get('out');
  if (out === undefined) throw problem("'builtin:fetchurl' requires an 'out' output");
  if (output?.kind !== 'fixed') throw problem("'builtin:fetchurl' must be a fixed-output or impure derivation");
  const url = attrs.url;
  if (typeof url !== 'string') throw problem("'builtin:fetchurl' requires an 'url' attribute");
  const executable = isSet(attrs.executable);
  const unpack = isSet(attrs.unpack);
  const destination = context.physical(out);
  const { method, algorithm } = parseMethod(output.method);
  if (method === 'flat' && !executable && !unpack) {
    const hash = parseHashDigits(output.digest, algorithm);
    try {
      return await context.download({ url, destination, algorithm, digest: hash.digest, size: sizeOf(attrs.size) });
    } catch (error) {
      throw error instanceof WrongHash ? hashMismatch(drvPath, error.specified, error.got) : error;
    }
  }
  const file = join(context.temporaryDirectory, 'download');
  await context.download({ url, destination: file });
  if (unpack) await unpackNar(file, destination, url, context.signal);
  else await copyFile(file, destination);
  if (executable && !unpack) await chmod(destination, 0o755);
}

async function unpackNar(file: string, destination: string, url: string, signal: AbortSignal): Promise<void> {
  const reader = restoringReader(destination, { canonical: false });
  const handle = await open(file);
  try {
    const plain = handle.createReadStream({ highWaterMark: 1 << 20 });
    for await (const chunk of decompress(url.endsWith('.xz') ? 'xz' : 'none', plain, url)) {
      signal.throwIfAborted();
      reader.write(chunk);
    }
    reader.end();
  } finally {
    await handle.close();
  }
}

function isSet(value: unknown): boolean {
  return value === '1' || value === true;
}

/** nixlet's own: bytes, where the caller knows them (as the Debian lock does). */
function sizeOf(value: unknown): number | undefined {
  const size = Number(value ?? Number.NaN);
  return Number.isSafeInteger(size) ? size : undefined;
}

function problem(message: string): NixError {
  return new NixError(message, { class: 'BuildError' });
}

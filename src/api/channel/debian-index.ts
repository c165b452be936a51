/**
 * Debian's indices from a mirror, trusted step by step: the suite's InRelease file by its signature, its Packages files by
 * their SHA-256 in there, and the .deb files by theirs in Packages (which the lock then holds).
 */
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHash } from '../../derivation/hash-string.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Downloader } from '../../realise/download/download.ts';
import { MissingEverywhere } from '../../realise/download/trouble.ts';
import { decompress } from '../../store/binary-cache/decompress.ts';
import type { Keyring } from './keyring.ts';
import { parseReleaseFile, type ReleaseFile } from './release-file.ts';
import { verifiedText } from './signature.ts';

export interface IndexOptions {
  readonly downloader: Downloader;
  readonly keyrings: readonly Keyring[];
  /** Seconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** A line of progress. */
  readonly notify: (line: string) => void;
}

export interface Suite {
  /** bookworm-updates */
  readonly name: string;
  readonly release: ReleaseFile;
}

/** The suite of a release, and where the mirrors have them its updates and its security archive. */
export async function readSuites(release: string, options: IndexOptions): Promise<Suite[]> {
  const suites: Suite[] = [];
  for (const name of [release, `${release}-updates`, `${release}-security`]) {
    try {
      suites.push({ name, release: await readRelease(name, options) });
    } catch (error) {
      if (!(error instanceof MissingEverywhere)) throw error;
      if (name === release)
        throw new NixError(
          `no mirror has Debian's release '${release}':\n${error.message.split('\n').slice(1).join('\n')}`,
          {
            class: 'Error',
            hint: 'Name a mirror that has it with --debian-mirror URL or NIXLET_DEBIAN_MIRROR=URL.',
          },
        );
      options.notify(`no mirror has '${name}': going on without it`);
    }
  }
  return suites;
}

async function readRelease(suite: string, options: IndexOptions): Promise<ReleaseFile> {
  const url = `mirror://debian/dists/${suite}/InRelease`;
  const { keyrings, now, downloader, signal } = options;
  const text = await inTemporaryFile(async (destination) => {
    await downloader.download({ url, destination, signal });
    return verifiedText(readFileSync(destination, 'utf8'), keyrings, url);
  });
  const release = parseReleaseFile(text, url);
  if (release.codename !== suite)
    throw new NixError(`'${url}' is the index of '${release.codename}'`, {
      class: 'Error',
      hint: 'The mirror has put another suite in its place.',
    });
  if (release.validUntil !== undefined && release.validUntil < now)
    throw new NixError(`'${url}' was valid until ${new Date(release.validUntil * 1000).toISOString()} only`, {
      class: 'Error',
      hint: "The mirror is out of date, or this machine's clock is wrong.",
    });
  return release;
}

/** The text of the Packages file of `main`; undefined where the suite has none for this architecture. */
export async function readPackages(
  { name, release }: Suite,
  architecture: string,
  options: IndexOptions,
): Promise<string | undefined> {
  const folder = `main/binary-${architecture}`;
  const entry = release.indices.get(`${folder}/Packages.xz`);
  if (!entry) return undefined;
  const path = release.byHash ? `${folder}/by-hash/SHA256/${entry.sha256}` : `${folder}/Packages.xz`;
  const url = `mirror://debian/dists/${name}/${path}`;
  options.notify(`reading the index of ${name} for ${architecture}...`);
  return inTemporaryFile(async (destination) => {
    const { downloader, signal } = options;
    await downloader.download({
      url,
      destination,
      hash: parseHash(`sha256:${entry.sha256}`),
      size: entry.size,
      signal,
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of decompress('xz', createReadStream(destination), url)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  });
}

/** A .deb file, verified. */
export function readDebFile(
  { file, sha256, size }: { readonly file: string; readonly sha256: string; readonly size: number },
  { downloader, signal }: IndexOptions,
): Promise<Buffer> {
  return inTemporaryFile(async (destination) => {
    const hash = parseHash(`sha256:${sha256}`);
    await downloader.download({ url: `mirror://debian/${file}`, destination, hash, size, signal });
    return readFileSync(destination);
  });
}

async function inTemporaryFile<T>(use: (file: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'nixlet-channel-'));
  try {
    return await use(join(directory, 'file'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

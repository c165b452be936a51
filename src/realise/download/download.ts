/**
 * Downloads that end in a verified file or in one clear error. A file with a known hash goes through the cache of
 * downloads: what is there is used, what was cut off goes on where it stopped (Range), and only bytes with the right hash
 * get a name. Failures that may pass (no connection, 5xx, a body that ends early, a server that falls silent) are tried
 * again with growing pauses; then the next mirror's turn comes. How many downloads run at once is limited.
 */
import { createWriteStream } from 'node:fs';
import { chmod, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createHasher, type Hasher } from '../../base/hash.ts';
import { equalDigests, type Hash } from '../../derivation/hash-string.ts';
import { NixError } from '../../errors/nix-error.ts';
import { fileError } from '../../store/disk.ts';
import { hashFile, startHash } from '../hash-file.ts';
import { Semaphore } from '../semaphore.ts';
import { aptProxyRule, readAptConfiguration } from './apt-conf.ts';
import { readAptSources } from './apt-sources.ts';
import { copyDownload, DownloadsDirectory, defaultDownloadsDirectory } from './downloads-directory.ts';
import { get } from './http.ts';
import { isMirrorUrl, mirrorUrls } from './mirrors.ts';
import { type Environment, type ProxyRule, proxyFromEnvironment } from './proxy.ts';
import { failure, isLocal, mirrorFailure, Refused, statusError, WrongHash } from './trouble.ts';

export { WrongHash };

export interface DownloadRequest {
  /** http:, https:, file: or mirror:. */
  readonly url: string;
  /** Created; its directory must exist. */
  readonly destination: string;
  /** Without one nothing is verified and nothing cached: the caller checks what it makes of the file. */
  readonly hash?: Hash;
  /** Bytes, where known: a server with another file is found out at once. */
  readonly size?: number;
  /** Without a hash: the ETag of the copy that the caller has. Where that is still current, nothing is downloaded. */
  readonly etag?: string;
  readonly signal: AbortSignal;
  onProgress?(received: number, total: number | undefined): void;
  /** Something worth a line of the log: a retry, a mirror that failed. */
  onNotice?(text: string): void;
}

export interface Downloaded {
  /** The copy of which the caller gave the ETag is current: there is no file at the destination. */
  readonly notModified: boolean;
  /** The server's name for this state of the file; undefined where it gives none, or was not asked. */
  readonly etag: string | undefined;
}

const unknownState: Downloaded = { notModified: false, etag: undefined };

export interface DownloaderOptions {
  readonly environment: Environment;
  /** /etc/apt */
  readonly aptDirectory?: string;
  /** Base URLs of Debian mirrors that the user names. Also read from NIXLET_DEBIAN_MIRROR, separated by white space. */
  readonly debianMirrors?: readonly string[];
  readonly cacheDirectory?: string;
  /** Downloads at once. */
  readonly connections?: number;
  /** Times that an address is tried while nothing new arrives. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; each further pause is twice as long. */
  readonly retryDelay?: number;
  /** Milliseconds without a byte after which an attempt has failed. */
  readonly stallTimeout?: number;
}

export class Downloader {
  readonly #options: DownloaderOptions;
  readonly #cache: DownloadsDirectory;
  readonly #slots: Semaphore;
  readonly #plainProxy: ProxyRule;
  #aptProxy: ProxyRule | undefined;

  constructor(options: DownloaderOptions) {
    this.#options = options;
    this.#cache = new DownloadsDirectory(options.cacheDirectory ?? defaultDownloadsDirectory(options.environment));
    this.#slots = new Semaphore(options.connections ?? 8);
    this.#plainProxy = proxyFromEnvironment(options.environment);
  }

  /** The file is at `destination` when this resolves, with the right hash where one is given. */
  download(request: DownloadRequest): Promise<Downloaded> {
    return this.#slots.run(request.url, request.signal, async () => {
      if (!request.hash) return this.#fetchAnywhere(request, request.destination);
      const entry = this.#cache.entry(request.hash.algorithm, request.hash.digest);
      if (!(await this.#isIntact(entry, request.hash))) {
        const mine = await this.#cache.claimPartial(entry);
        try {
          await this.#fetchAnywhere(request, mine);
          await this.#cache.complete(entry, mine);
        } catch (error) {
          await this.#cache.releasePartial(entry, mine);
          throw error;
        }
      }
      await copyDownload(entry, request.destination);
      return unknownState;
    });
  }

  async #isIntact(entry: string, hash: Hash): Promise<boolean> {
    const digest = await hashFile(entry, hash.algorithm);
    if (!digest) return false;
    if (equalDigests(digest, hash.digest)) return true;
    await rm(entry, { force: true });
    return false;
  }

  async #fetchAnywhere(request: DownloadRequest, file: string): Promise<Downloaded> {
    if (!isMirrorUrl(request.url)) {
      try {
        return await this.#fetch(request.url, this.#plainProxy, request, file);
      } catch (error) {
        throw request.signal.aborted || error instanceof NixError ? error : failure(request.url, error);
      }
    }
    const named = [...(this.#options.debianMirrors ?? [])];
    if (named.length === 0) named.push(...(this.#options.environment.NIXLET_DEBIAN_MIRROR ?? '').split(/\s+/));
    const apt = this.#options.aptDirectory ?? '/etc/apt';
    this.#aptProxy ??= aptProxyRule(readAptConfiguration(apt), this.#options.environment);
    const urls = mirrorUrls(request.url, { named: named.filter(Boolean), aptSources: readAptSources(apt) });
    const failures: { readonly url: string; readonly error: unknown }[] = [];
    for (const url of urls) {
      try {
        return await this.#fetch(url, this.#aptProxy, request, file);
      } catch (error) {
        if (request.signal.aborted) throw error;
        failures.push({ url, error });
        if (urls.length > 1) request.onNotice?.(failure(url, error).message);
      }
    }
    throw mirrorFailure(request.url, failures);
  }

  /** Tries one address until the file is whole, or nothing new has arrived `attempts` times. */
  async #fetch(address: string, proxy: ProxyRule, request: DownloadRequest, file: string): Promise<Downloaded> {
    const url = URL.parse(address);
    if (!url) throw new Refused('this is not a valid URL', false);
    if (url.protocol === 'file:') {
      await copyLocal(url, request, file);
      return unknownState;
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new Refused(`nixlet cannot fetch from '${url.protocol.slice(0, -1)}' addresses`, false);
    const attempts = this.#options.attempts ?? 5;
    let fruitless = 0;
    const state: AttemptState = { etag: undefined };
    for (let attempt = 1; ; attempt++) {
      const before = await sizeOf(file);
      try {
        return await this.#attempt(url, proxy, request, file, state);
      } catch (error) {
        if (request.signal.aborted || error instanceof NixError || error instanceof Refused) throw error;
        if (isLocal(error)) throw fileError('writing', file, error);
        fruitless = (await sizeOf(file)) > before ? 1 : fruitless + 1;
        if (fruitless >= attempts || attempt >= 4 * attempts) throw error;
        const pause = (this.#options.retryDelay ?? 250) * 2 ** (fruitless - 1);
        request.onNotice?.(`${failure(address, error).message}; retrying in ${pause} ms`);
        await sleep(pause, undefined, { signal: request.signal });
      }
    }
  }

  async #attempt(
    url: URL,
    proxy: ProxyRule,
    request: DownloadRequest,
    file: string,
    state: AttemptState,
  ): Promise<Downloaded> {
    const algorithm = request.hash?.algorithm ?? 'sha256';
    // What was received before serves where a hash or an ETag finds out that the file has changed in between.
    const begun = request.hash || isStrong(state.etag) ? await startHash(file, algorithm) : undefined;
    const usable = begun && begun.size <= (request.size ?? begun.size) ? begun : undefined;
    let { size: from, hasher } = usable ?? { size: 0, hasher: createHasher(algorithm) };
    const resumed = from > 0;
    if (!(resumed && from === request.size)) {
      const response = await get(url, {
        from,
        headers: conditions(request, state, resumed),
        proxy,
        stallTimeout: this.#options.stallTimeout ?? 30_000,
        signal: request.signal,
      });
      if (response.status === 416 && resumed) {
        response.body.resume();
        await rm(file, { force: true });
        throw new Error('the server has no bytes beyond those received before');
      }
      if (response.status === 304 && request.etag !== undefined && !resumed) {
        response.body.resume();
        await rm(file, { force: true });
        return { notModified: true, etag: response.etag ?? request.etag };
      }
      if (response.status !== 200 && response.status !== 206) {
        response.body.resume();
        throw statusError(response.status);
      }
      state.etag = response.etag;
      if (response.status === 200 && from > 0) {
        from = 0;
        hasher = createHasher(algorithm);
      }
      const total = response.length === undefined ? undefined : from + response.length;
      if (request.size !== undefined && total !== undefined && total !== request.size) {
        response.body.destroy();
        throw new Refused(`the server's file has ${total} bytes instead of ${request.size}`, false);
      }
      await receive(response.body, file, from, hasher, request, total ?? request.size);
      const received = await sizeOf(file);
      const expected = total ?? request.size;
      if (expected !== undefined && received < expected)
        throw new Error(`cut off after ${received} of ${expected} bytes`);
    }
    const received: Downloaded = { notModified: false, etag: state.etag };
    if (!request.hash) return received;
    const got = { algorithm, digest: hasher.digest() };
    if (equalDigests(got.digest, request.hash.digest)) return received;
    await rm(file, { force: true });
    // What an earlier attempt left may have come from elsewhere: once more from the start.
    if (resumed) throw new Error('the bytes received before do not belong to this file');
    throw new WrongHash(url.href, request.hash, got);
  }
}

/** What later attempts know of the state of the file that earlier ones began with. */
interface AttemptState {
  etag: string | undefined;
}

function isStrong(etag: string | undefined): boolean {
  return etag?.startsWith('"') ?? false;
}

function conditions(request: DownloadRequest, state: AttemptState, resumed: boolean): Record<string, string> {
  if (request.hash) return {};
  if (resumed) return { 'if-range': state.etag! };
  return request.etag === undefined ? {} : { 'if-none-match': request.etag };
}

async function receive(
  body: Readable,
  file: string,
  from: number,
  hasher: Hasher,
  request: DownloadRequest,
  total: number | undefined,
): Promise<void> {
  let received = from;
  await pipeline(
    body,
    async function* (chunks: Readable) {
      for await (const piece of chunks) {
        const chunk = piece as Buffer;
        hasher.update(chunk);
        received += chunk.length;
        request.onProgress?.(received, total);
        if (request.size !== undefined && received > request.size)
          throw new Refused(`the server's file has more than ${request.size} bytes`, false);
        yield chunk;
      }
    },
    createWriteStream(file, from > 0 ? { flags: 'r+', start: from } : { flags: 'w' }),
  );
}

async function copyLocal(url: URL, request: DownloadRequest, file: string): Promise<void> {
  let path: string;
  try {
    path = fileURLToPath(url);
    await rm(file, { force: true });
    await copyDownload(path, file);
    // A download has no modes: an executable file is one only where somebody says so.
    await chmod(file, 0o644);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Refused(code === 'ENOENT' ? 'there is no such file' : (error as Error).message, code === 'ENOENT');
  }
  if (!request.hash) return;
  const got = {
    algorithm: request.hash.algorithm,
    digest: (await hashFile(file, request.hash.algorithm))!,
  };
  if (equalDigests(got.digest, request.hash.digest)) return;
  await rm(file, { force: true });
  throw new WrongHash(url.href, request.hash, got);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

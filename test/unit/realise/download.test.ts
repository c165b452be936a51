/** Downloads from servers that behave and servers that do not. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { hashBytes, toHex } from '../../../src/base/hash.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { Downloader, type DownloaderOptions, type DownloadRequest } from '../../../src/realise/download/download.ts';
import { content, serve } from './servers.ts';

const bytes = new Uint8Array(300_000).map((_, i) => (i * 7919) >> 3);
const digest = hashBytes('sha256', bytes);
const hash = { algorithm: 'sha256', digest } as const;

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'nixlet-download-'));
  const here = place;
  onTestFinished(() => rmSync(here, { recursive: true, force: true }));
});

function downloader(options: Partial<DownloaderOptions> = {}): Downloader {
  return new Downloader({
    environment: {},
    aptDirectory: join(place, 'apt'),
    cacheDirectory: join(place, 'cache'),
    attempts: 3,
    retryDelay: 5,
    stallTimeout: 200,
    ...options,
  });
}

async function download(options: Partial<DownloaderOptions>, request: Partial<DownloadRequest>): Promise<Uint8Array> {
  const destination = join(place, 'result');
  await downloader(options).download({
    url: 'http://127.0.0.1:1/',
    destination,
    hash,
    signal: new AbortController().signal,
    ...request,
  });
  return readFileSync(destination);
}

async function failure(work: Promise<unknown>): Promise<NixError> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(NixError);
  return error;
}

describe('download', () => {
  it('gives the file, and takes it from the cache the next time', async () => {
    const server = await serve(content(bytes));
    const seen: number[] = [];
    const got = await download(
      {},
      { url: `${server.url}/a`, size: bytes.length, onProgress: (received) => seen.push(received) },
    );
    expect(Buffer.compare(got, bytes)).toBe(0);
    expect(seen.at(-1)).toBe(bytes.length);
    await download({}, { url: `${server.url}/b` });
    expect(server.requests).toEqual(['GET /a']);
    expect(readdirSync(join(place, 'cache'))).toEqual([toHex(digest)]);
  });

  it('does not believe a damaged cache', async () => {
    const server = await serve(content(bytes));
    await download({}, { url: server.url });
    writeFileSync(join(place, 'cache', toHex(digest)), 'damaged');
    expect(Buffer.compare(await download({}, { url: server.url }), bytes)).toBe(0);
    expect(server.requests).toHaveLength(2);
  });

  it('follows redirects', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/end') return content(bytes)(request, response);
      response.writeHead(302, { location: request.url === '/start' ? 'middle' : '/end' }).end();
    });
    await download({}, { url: `${server.url}/start` });
    expect(server.requests).toEqual(['GET /start', 'GET /middle', 'GET /end']);
  });

  it('ends a circle of redirects', async () => {
    const server = await serve((_, response) => void response.writeHead(302, { location: '/' }).end());
    expect((await failure(download({ attempts: 1 }, { url: server.url }))).message).toMatch(
      /redirected more than 20 times/,
    );
  });

  it('goes on after a cut where it stopped', async () => {
    let first = true;
    const server = await serve((request, response) => {
      if (!first) return content(bytes)(request, response);
      first = false;
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    expect(Buffer.compare(await download({}, { url: server.url }), bytes)).toBe(0);
    expect(server.requests).toEqual(['GET /', 'GET / bytes=100000-']);
  });

  it('starts again where the server ignores ranges', async () => {
    let count = 0;
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      if (count++ > 0) response.end(bytes);
      else response.write(bytes.subarray(0, 50_000), () => setTimeout(() => response.destroy(), 20));
    });
    expect(Buffer.compare(await download({}, { url: server.url }), bytes)).toBe(0);
  });

  it('keeps what arrived for the next run', async () => {
    let whole = false;
    const server = await serve((request, response) => {
      if (whole) return content(bytes)(request, response);
      response.writeHead(request.headers.range ? 503 : 200, { 'content-length': bytes.length });
      if (request.headers.range) response.destroy();
      else response.write(bytes.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 20));
    });
    const error = await failure(download({}, { url: server.url }));
    expect(error.message).toContain(`unable to download '${server.url}'`);
    expect(existsSync(join(place, 'result'))).toBe(false);
    whole = true;
    await download({}, { url: server.url });
    expect(server.requests.at(-1)).toBe('GET / bytes=70000-');
  });

  it('takes over what a killed process left, and starts again where it is of another file', async () => {
    const server = await serve(content(bytes));
    const cache = join(place, 'cache');
    await downloader().download({
      url: server.url,
      destination: join(place, 'other'),
      signal: new AbortController().signal,
      hash: { algorithm: 'sha1', digest: hashBytes('sha1', bytes) },
    });
    const partial = join(cache, `${toHex(digest)}.partial.999999999.0`);
    writeFileSync(partial, bytes.subarray(0, 1000));
    await download({}, { url: server.url });
    expect(server.requests.at(-1)).toBe('GET / bytes=1000-');
    rmSync(join(cache, toHex(digest)));
    writeFileSync(partial, 'something else');
    expect(Buffer.compare(await download({}, { url: server.url }), bytes)).toBe(0);
  });

  it('refuses a file with another hash', async () => {
    const server = await serve(content(bytes.subarray(1)));
    const error = await failure(download({}, { url: server.url }));
    expect(error.message).toMatch(/hash mismatch .*\n {2}specified: sha256-.*\n {5}got: {4}sha256-/);
    expect(error.exitCode).toBe(102);
    expect(existsSync(join(place, 'result'))).toBe(false);
    expect(readdirSync(join(place, 'cache'))).toEqual([]);
  });

  it('refuses a file of another size at once', async () => {
    const server = await serve(content(bytes));
    const error = await failure(download({}, { url: server.url, size: 10 }));
    expect(error.message).toContain('300000 bytes instead of 10');
    expect(server.requests).toHaveLength(1);
  });

  it('tries again after errors of the server, not after 404', async () => {
    const broken = await serve((_, response) => void response.writeHead(503).end());
    expect((await failure(download({}, { url: broken.url }))).message).toContain('HTTP error 503');
    expect(broken.requests).toHaveLength(3);
    const missing = await serve((_, response) => void response.writeHead(404).end());
    expect((await failure(download({}, { url: missing.url }))).message).toContain('HTTP error 404');
    expect(missing.requests).toHaveLength(1);
  });

  it('gives up on a server that falls silent', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 10));
    });
    const error = await failure(download({ attempts: 1 }, { url: server.url }));
    expect(error.message).toContain('nothing was received for 0.2 seconds');
  });

  it('does not blame the network for a full disk', async () => {
    const server = await serve(content(bytes));
    const error = await failure(download({}, { url: server.url, destination: '/dev/full', hash: undefined }));
    expect(error.message).toMatch(/^writing '\/dev\/full': No space left on device/i);
    expect(error.hint).toContain('free some space');
    expect(server.requests).toHaveLength(1);
    writeFileSync(join(place, 'file'), '');
    const blocked = await failure(download({ cacheDirectory: join(place, 'file', 'cache') }, { url: server.url }));
    expect(blocked.message).toMatch(/^creating directory/);
  });

  it('says that nobody listens', async () => {
    expect((await failure(download({ attempts: 1 }, {}))).message).toContain('the connection was refused');
  });

  it('stops when told to', async () => {
    const server = await serve((_, response) => void response.writeHead(200).write('x'));
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('interrupted')), 50);
    await expect(download({}, { url: server.url, signal: controller.signal })).rejects.toThrow();
  });

  it('copies file: addresses', async () => {
    writeFileSync(join(place, 'source file'), bytes);
    const got = await download({}, { url: `file://${place}/source%20file` });
    expect(Buffer.compare(got, bytes)).toBe(0);
    const error = await failure(
      download({}, { url: `file://${place}/none`, hash: { algorithm: 'md5', digest: new Uint8Array(16) } }),
    );
    expect(error.message).toContain('there is no such file');
  });

  it('makes no copy executable, nor unwritable', async () => {
    for (const mode of [0o555, 0o444]) {
      writeFileSync(join(place, `source${mode}`), bytes);
      chmodSync(join(place, `source${mode}`), mode);
      const destination = join(place, `copy${mode}`);
      const { signal } = new AbortController();
      await downloader().download({ url: `file://${place}/source${mode}`, destination, signal });
      expect(statSync(destination).mode & 0o777).toBe(0o644);
    }
  });

  it('limits how many run at once', async () => {
    let running = 0;
    let most = 0;
    const server = await serve((request, response) => {
      most = Math.max(most, ++running);
      setTimeout(() => {
        running--;
        content(bytes)(request, response);
      }, 30);
    });
    const one = downloader({ connections: 2 });
    const signal = new AbortController().signal;
    await Promise.all(
      [1, 2, 3, 4, 5].map((n) => one.download({ url: `${server.url}/${n}`, destination: join(place, `${n}`), signal })),
    );
    expect(most).toBe(2);
  });

  it('goes through a proxy, by absolute address or tunnel', async () => {
    const server = await serve(content(bytes));
    const proxy = await serve((request, response) => {
      expect(request.url).toBe(`${server.url}/through`);
      content(bytes)(request, response);
    });
    await download({ environment: { http_proxy: proxy.url } }, { url: `${server.url}/through` });
    expect(proxy.requests).toHaveLength(1);
    const tunnel = createServer();
    tunnel.on('connect', (request, socket) => {
      tunnel.emit('seen', request.url);
      const upstream = connect(1, '127.0.0.1');
      upstream.on('error', () => socket.end('HTTP/1.1 502 no\r\n\r\n'));
    });
    const seen: string[] = [];
    tunnel.on('seen', (where) => seen.push(where));
    await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void tunnel.close());
    const port = (tunnel.address() as AddressInfo).port;
    const error = await failure(
      download(
        { environment: { https_proxy: `http://127.0.0.1:${port}` }, attempts: 1 },
        { url: 'https://files.example.org/x', hash: { algorithm: 'md5', digest: new Uint8Array(16) } },
      ),
    );
    expect(seen).toEqual(['files.example.org:443']);
    expect(error.message).toContain('answered 502 to CONNECT');
  });
});

describe('mirror:// addresses', () => {
  const url = 'mirror://debian/pool/main/h/hello/hello.deb';

  it('asks the named mirrors in turn', async () => {
    const missing = await serve((_, response) => void response.writeHead(404).end());
    const good = await serve(content(bytes));
    const notices: string[] = [];
    await download(
      { debianMirrors: [`${missing.url}/debian/`, good.url] },
      { url, onNotice: (text) => notices.push(text) },
    );
    expect(missing.requests).toEqual(['GET /debian/pool/main/h/hello/hello.deb']);
    expect(good.requests).toEqual(['GET /pool/main/h/hello/hello.deb']);
    expect(notices).toHaveLength(1);
  });

  it('takes NIXLET_DEBIAN_MIRROR', async () => {
    const good = await serve(content(bytes));
    await download({ environment: { NIXLET_DEBIAN_MIRROR: ` ${good.url}/` } }, { url });
    expect(good.requests).toHaveLength(1);
  });

  it('says how to name one where none is known', async () => {
    const error = await failure(download({}, { url }));
    expect(error.message).toBe(`cannot download '${url}': no Debian mirror is known`);
    expect(error.hint).toContain('NIXLET_DEBIAN_MIRROR');
  });

  it('says that the mirror no longer carries the file', async () => {
    const missing = await serve((_, response) => void response.writeHead(404).end());
    const error = await failure(download({ debianMirrors: [missing.url] }, { url }));
    expect(error.message).toContain(`no mirror carries the locked file '${url}' any more`);
    expect(error.hint).toContain('nixlet channel update');
  });

  it('says that it cannot be reached, and how to set another', async () => {
    const error = await failure(download({ debianMirrors: ['http://127.0.0.1:1'], attempts: 1 }, { url }));
    expect(error.message).toContain('the connection was refused');
    expect(error.hint).toContain('--debian-mirror');
  });

  it('goes on to the next mirror after a wrong file, and reports it when there is no other', async () => {
    const lying = await serve(content(bytes.subarray(1)));
    const good = await serve(content(bytes));
    const error = await failure(download({ debianMirrors: [lying.url] }, { url }));
    expect(error.exitCode).toBe(102);
    await download({ debianMirrors: [lying.url, good.url] }, { url });
    expect(good.requests).toHaveLength(1);
  });
});

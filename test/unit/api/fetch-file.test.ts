/** builtins.fetchurl: hashes, copies by age and ETag, and servers that misbehave. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashBytes } from '../../../src/base/hash.ts';
import { printHash } from '../../../src/derivation/hash-string.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { FetchingPlace } from '../../support/fetching.ts';
import { content, serve } from '../realise/servers.ts';

const bytes = Buffer.from('content of a file\n'.repeat(5000));
const hash = { algorithm: 'sha256', digest: hashBytes('sha256', bytes) } as const;

async function failure(work: Promise<unknown>): Promise<NixError> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(NixError);
  return error;
}

/** Answers If-None-Match as a server does. */
function tagged(state: { etag: string; body: Buffer }) {
  return serve((request, response) => {
    if (request.headers['if-none-match'] === state.etag)
      return void response.writeHead(304, { etag: state.etag }).end();
    response.writeHead(200, { etag: state.etag, 'content-length': state.body.length }).end(state.body);
  });
}

describe('a file with a known hash', () => {
  it('is fetched once, whatever its age', async () => {
    const place = new FetchingPlace();
    const server = await serve(content(bytes));
    const request = { kind: 'file', url: `${server.url}/a`, name: 'a', expected: hash } as const;
    const { storePath, attributes } = await place.fetch(request);
    expect(readFileSync(place.physical(storePath))).toEqual(bytes);
    expect(statSync(place.physical(storePath)).mode & 0o777).toBe(0o444);
    expect(attributes.narHash).toMatch(/^sha256-/);
    place.now += 1_000_000;
    expect((await place.fetch(request)).storePath).toBe(storePath);
    expect(server.requests).toEqual(['GET /a']);
    expect(place.said).toEqual([`downloading '${server.url}/a'...`]);
  });

  it('that the server does not give', async () => {
    const place = new FetchingPlace();
    const server = await serve(content(Buffer.from('something else')));
    const url = `${server.url}/a`;
    const error = await failure(place.fetch({ kind: 'file', url, name: 'a', expected: hash }));
    const got = { algorithm: 'sha256', digest: hashBytes('sha256', Buffer.from('something else')) } as const;
    expect(error.message).toBe(
      `hash mismatch in file downloaded from '${url}':\n  specified: ${printHash(hash, 'nix32')}\n  got:       ${printHash(got, 'nix32')}`,
    );
    expect(error.exitCode).toBe(102);
  });

  it('goes on after a cut', async () => {
    const place = new FetchingPlace();
    let first = true;
    const server = await serve((request, response) => {
      if (!first) return content(bytes)(request, response);
      first = false;
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 20_000), () => setTimeout(() => response.destroy(), 20));
    });
    const { storePath } = await place.fetch({ kind: 'file', url: server.url, name: 'a', expected: hash });
    expect(readFileSync(place.physical(storePath))).toEqual(bytes);
    expect(server.requests).toEqual(['GET /', 'GET / bytes=20000-']);
  });
});

describe('a file of which no hash is known', () => {
  it('is taken as it is until its time is over, and then revalidated', async () => {
    const place = new FetchingPlace();
    const state = { etag: '"one"', body: bytes };
    const server = await tagged(state);
    const request = { kind: 'file', url: `${server.url}/f`, name: 'f' } as const;
    const one = await place.fetch(request);
    expect((await place.fetch(request)).storePath).toBe(one.storePath);
    expect(server.requests).toHaveLength(1);
    place.now += place.ttl;
    expect((await place.fetch(request)).storePath).toBe(one.storePath);
    expect(server.requests).toHaveLength(2);
    expect((await place.fetch(request)).storePath).toBe(one.storePath);
    expect(server.requests).toHaveLength(2);
    place.now += place.ttl;
    Object.assign(state, { etag: '"two"', body: Buffer.from('new') });
    expect(readFileSync(place.physical((await place.fetch(request)).storePath), 'utf8')).toBe('new');
    expect(place.said).toHaveLength(2);
  });

  it('with a time to live of 0 is always revalidated', async () => {
    const place = new FetchingPlace();
    place.ttl = 0;
    const server = await tagged({ etag: '"one"', body: bytes });
    const request = { kind: 'file', url: `${server.url}/f`, name: 'f' } as const;
    await place.fetch(request);
    await place.fetch(request);
    expect(server.requests).toHaveLength(2);
  });

  it('is known under every name', async () => {
    const place = new FetchingPlace();
    const server = await serve(content(bytes));
    await place.fetch({ kind: 'file', url: server.url, name: 'one' });
    const { storePath } = await place.fetch({ kind: 'file', url: server.url, name: 'two' });
    expect(storePath).toMatch(/-two$/);
    expect(readFileSync(place.physical(storePath))).toEqual(bytes);
    expect(server.requests).toHaveLength(1);
  });

  it('is taken from the last time when the server is gone', async () => {
    const place = new FetchingPlace();
    let gone = false;
    const server = await serve((request, response) => {
      if (gone) response.writeHead(404).end();
      else content(bytes)(request, response);
    });
    const request = { kind: 'file', url: `${server.url}/f`, name: 'f' } as const;
    const { storePath } = await place.fetch(request);
    gone = true;
    place.now += place.ttl;
    expect((await place.fetch(request)).storePath).toBe(storePath);
    expect(place.said.at(-1)).toBe(
      `warning: unable to download '${server.url}/f': HTTP error 404; using cached version`,
    );
  });

  it('is never mixed from two states of it', async () => {
    const place = new FetchingPlace();
    const other = Buffer.from(bytes.toString().toUpperCase());
    let count = 0;
    const server = await serve((_request, response) => {
      const body = count === 0 ? bytes : other;
      response.writeHead(200, { 'content-length': body.length, etag: count === 0 ? '"one"' : '"two"' });
      if (count++ > 0) response.end(body);
      else response.write(body.subarray(0, 20_000), () => setTimeout(() => response.destroy(), 20));
    });
    const { storePath } = await place.fetch({ kind: 'file', url: server.url, name: 'f' });
    expect(readFileSync(place.physical(storePath))).toEqual(other);
  });

  it('that a silent server does not give', async () => {
    const place = new FetchingPlace();
    const server = await serve(() => {});
    const error = await failure(place.fetch({ kind: 'file', url: `${server.url}/f`, name: 'f' }));
    expect(error.message).toContain(`unable to download '${server.url}/f': nothing was received`);
    expect(existsSync(join(place.root, 'nix/store'))).toBe(true);
  });

  it('on this machine', async () => {
    const place = new FetchingPlace();
    const file = join(place.directory, 'file');
    writeFileSync(file, 'local');
    const { storePath } = await place.fetch({ kind: 'file', url: `file://${file}`, name: 'f' });
    expect(readFileSync(place.physical(storePath), 'utf8')).toBe('local');
    expect(place.said).toEqual([]);
    const error = await failure(place.fetch({ kind: 'file', url: `file://${file}.gone`, name: 'f' }));
    expect(error.message).toBe(`unable to download 'file://${file}.gone': there is no such file`);
  });
});

it('says that Mercurial is not among what it fetches', async () => {
  const error = await failure(new FetchingPlace().fetch({ kind: 'mercurial', url: 'https://x.example', name: 'x' }));
  expect(error.message).toContain('does not fetch from Mercurial repositories');
});

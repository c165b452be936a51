/** Paths that come from elsewhere: substituters, and builtin:fetchurl. */
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashBytes } from '../../../src/base/hash.ts';
import { fetchurl } from '../../../src/realise/builders/fetchurl.ts';
import { Downloader } from '../../../src/realise/download/download.ts';
import { KnownPaths } from '../../../src/realise/known-paths.ts';
import { describePlan, makePlan } from '../../../src/realise/plan.ts';
import type { Substituter } from '../../../src/realise/substitution.ts';
import type { LocalStore } from '../../../src/store/local/local-store.ts';
import { dumpPath } from '../../../src/store/nar/dump.ts';
import { isValidPath } from '../../../src/store/store.ts';
import { content, serve } from './servers.ts';
import { addDerivation, openTestStore, output, run, started, temporaryDirectory } from './setting.ts';

/** Another store as a substituter. */
function cache(store: LocalStore, change: Partial<Substituter> = {}): Substituter {
  return {
    name: 'test://cache',
    query: async (path) => {
      const info = store.pathInfo(path);
      return info && { ...info, downloadSize: 100 };
    },
    async *fetch(info) {
      yield* store.readNar(info.path);
    },
    ...change,
  };
}

describe('substituters', () => {
  async function setting() {
    const from = openTestStore();
    const to = openTestStore();
    const add = (store: LocalStore) => {
      const text = store.addText('text', 'x');
      const lib = addDerivation(store, { name: 'lib', script: `echo ${text} $out > $out`, sources: [text] });
      const app = addDerivation(store, { name: 'app', script: `cat ${output(store, lib)} > $out`, inputs: [lib] });
      return { lib, app };
    };
    const { lib, app } = add(from);
    add(to);
    expect((await run(from, app)).error).toBeUndefined();
    return { from, to, lib, app };
  }

  it('give what would be built, with all that it refers to', async () => {
    const { from, to, lib, app } = await setting();
    const substituters = [cache(from)];
    const known = new KnownPaths(to);
    const wanted = [{ path: app, outputs: '*' as const }];
    const plan = await makePlan(wanted, { store: to, known, substituters, signal: new AbortController().signal });
    expect(describePlan(plan)).toEqual([
      expect.stringMatching(/^these 2 paths will be fetched \(0\.2 KiB download, 0\.\d KiB unpacked\):$/),
      `  ${output(to, app)}`,
      `  ${output(to, lib)}`,
    ]);
    const { error, events } = await run(to, app, { substituters });
    expect(error).toBeUndefined();
    expect(started(events)).toEqual([]);
    expect(events.flatMap((event) => (event.kind === 'fetchStarted' ? [event.path] : []))).toEqual([
      output(to, lib),
      output(to, app),
    ]);
    expect(to.pathInfo(output(to, app))).toMatchObject({ references: from.pathInfo(output(from, app))!.references });
    expect(to.pathInfo(output(to, app))!.ultimate).toBe(true);
  });

  it('are passed over where they lack something, and where the derivation does not want them', async () => {
    const { from, to, lib, app } = await setting();
    const only: Substituter = cache(from, {
      query: async (path) => (path === output(from, lib) ? from.pathInfo(path) : undefined),
    });
    const { error, events } = await run(to, app, { substituters: [only] });
    expect(error).toBeUndefined();
    expect(started(events)).toEqual(['app']);
    const own = openTestStore();
    const local = addDerivation(own, { name: 'local', env: { allowSubstitutes: '' } });
    const asked: string[] = [];
    const asking = cache(from, { query: async (path) => void asked.push(path) });
    await run(own, local, { substituters: [asking] });
    expect(asked).toEqual([]);
  });

  it('that lie or fail stop the build, unless it may fall back', async () => {
    const { from, to, lib, app } = await setting();
    const lying = cache(from, {
      async *fetch() {
        yield* dumpPath(from.realPath(lib));
      },
    });
    const { error, events } = await run(to, app, { substituters: [lying] });
    expect(error?.message).toContain('some substitutes for the outputs of derivation');
    expect(
      events.some((event) => event.kind === 'error' && /hash mismatch|larger than/.test(event.error.message)),
    ).toBe(true);
    expect(isValidPath(to, output(to, lib))).toBe(false);
    expect(existsSync(to.realPath(output(to, lib)))).toBe(false);
    const fallback = await run(to, app, { substituters: [lying], fallback: true });
    expect(fallback.error).toBeUndefined();
    expect(started(fallback.events)).toEqual(['lib', 'app']);
  });
});

describe('builtin:fetchurl', () => {
  const bytes = new TextEncoder().encode('the file\n');
  const digest = hashBytes('sha256', bytes);
  const options = () => ({
    builtinBuilders: [fetchurl],
    downloader: new Downloader({
      environment: {},
      aptDirectory: '/nowhere',
      cacheDirectory: temporaryDirectory(),
      attempts: 1,
    }),
    sandbox: async () => {
      throw new Error('no process may be started');
    },
  });

  it('fetches a file for any system', async () => {
    const server = await serve(content(bytes));
    const store = openTestStore();
    const drv = addDerivation(store, {
      name: 'file',
      builder: 'builtin:fetchurl',
      system: 'builtin',
      env: { url: `${server.url}/file` },
      fixed: { method: 'flat', digest },
    });
    const { error, events } = await run(store, drv, options());
    expect(error).toBeUndefined();
    expect(readFileSync(store.realPath(output(store, drv)), 'utf8')).toBe('the file\n');
    expect(events).toContainEqual({ kind: 'download', drvPath: drv, url: `${server.url}/file`, received: 9, total: 9 });
  });

  it('makes it executable, or unpacks it, where the hash is that of a tree', async () => {
    const store = openTestStore();
    const tree = temporaryDirectory();
    writeFileSync(join(tree, 'plain'), bytes);
    writeFileSync(join(tree, 'tool'), bytes, { mode: 0o755 });
    const narOf = (path: string) => Buffer.concat([...dumpPath(path)]);
    const serving = await serve((request, response) =>
      content(request.url === '/tool' ? bytes : narOf(tree))(request, response),
    );
    const fetch = (name: string, env: Record<string, string>, nar: Uint8Array) =>
      addDerivation(store, {
        name,
        builder: 'builtin:fetchurl',
        env: { url: `${serving.url}/${name}`, ...env },
        fixed: { method: 'nar', digest: hashBytes('sha256', nar) },
      });
    const tool = fetch('tool', { executable: '1' }, narOf(join(tree, 'tool')));
    const unpacked = fetch('tree', { unpack: '1' }, narOf(tree));
    expect((await run(store, [tool, unpacked], options())).error).toBeUndefined();
    expect(lstatSync(store.realPath(output(store, tool))).mode & 0o777).toBe(0o555);
    expect(readFileSync(join(store.realPath(output(store, unpacked)), 'plain'), 'utf8')).toBe('the file\n');
  });

  it("says Nix's words on a wrong hash, and ours on what is not to be had", async () => {
    const server = await serve((request, response) =>
      request.url === '/404' ? void response.writeHead(404).end() : content(bytes)(request, response),
    );
    const store = openTestStore();
    const fetch = (url: string) =>
      addDerivation(store, {
        name: 'file',
        builder: 'builtin:fetchurl',
        env: { url },
        fixed: { method: 'flat', digest: hashBytes('sha256', new Uint8Array(1)) },
      });
    const wrong = fetch(`${server.url}/file`);
    const { error } = await run(store, wrong, options());
    expect(error?.message).toMatch(
      new RegExp(`^hash mismatch in fixed-output derivation '${wrong}':\n {2}specified: sha256-`),
    );
    expect(error?.exitCode).toBe(102);
    const missing = fetch(`${server.url}/404`);
    const absent = await run(store, missing, options());
    expect(absent.error?.message).toContain(
      `Cannot build '${missing}'.\nReason: unable to download '${server.url}/404': HTTP error 404.\nOutput paths:`,
    );
    expect(readFileSync(store.logPath(missing), 'utf8')).toContain('HTTP error 404');
    const unset = await run(store, fetch('mirror://debian/pool/x.deb'), options());
    expect(unset.error?.message).toContain('no Debian mirror is known');
    expect(unset.error?.hint).toContain('NIXLET_DEBIAN_MIRROR');
  });
});

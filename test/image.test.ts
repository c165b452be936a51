/**
 * Images as other programs see them: skopeo, umoci and podman read what the image builders write, in every compressed
 * form, and a container of one runs. The store is a scratch one; the only real program in it is Debian's busybox-static.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertToOciLayout } from '../src/image/oci-layout.ts';
import { validateDockerArchive } from '../src/image/validate.ts';
import { withPeer } from './support/peers.ts';
import { buildImage } from './unit/image/build-image.ts';
import { ImageStore } from './unit/image/image-store.ts';

const store = new ImageStore();
const work = mkdtempSync(join(tmpdir(), 'nixlet-image-peers-'));
const prefix = `nixlet-test-${process.pid}`;
const compressors = ['gz', 'zstd', 'none'] as const;
/** Physical path of the archive, by compressor and by base image. */
const archives = new Map<string, string>();

/** busybox-static's program, or undefined where APT cannot get it. */
function busybox(): Uint8Array | undefined {
  const got = spawnSync('apt-get', ['download', 'busybox-static'], { cwd: work });
  const deb = got.status === 0 ? readdirSync(work).find((name) => name.endsWith('.deb')) : undefined;
  if (deb === undefined) return undefined;
  execFileSync('dpkg-deb', ['-x', deb, 'busybox'], { cwd: work });
  return readFileSync(join(work, 'busybox/bin/busybox'));
}

let runnable = false;

beforeAll(async () => {
  const program = busybox();
  runnable = program !== undefined;
  const shell = store.add('busybox-1', {
    'bin/busybox': { script: program ?? Buffer.from('\x7fELF', 'latin1') },
    'bin/sh': { link: 'busybox' },
    'bin/ls': { link: 'busybox' },
    'bin/cat': { link: 'busybox' },
    'sbin/init': { link: '../bin/busybox' },
    'default.script': { script: '#!/bin/sh\n' },
    linuxrc: { link: 'bin/busybox' },
  });
  const long = `share/${'long-name-'.repeat(20)}/${'ő'.repeat(60)}`;
  const data = store.add('data-1', { 'etc/greeting': 'hello from the image\n', [long]: 'long\n', 'etc/empty': '' });
  for (const compressor of compressors)
    archives.set(
      compressor,
      store.physical(
        await buildImage(store, {
          name: `${prefix}-${compressor}`,
          contents: [shell],
          config: { Cmd: ['sh'], Env: ['FROM=below'], ExposedPorts: { '80/tcp': {} }, Labels: { a: 'b' } },
          archive: { compressor },
        }),
      ),
    );
  const based = await buildImage(store, {
    name: `${prefix}-based`,
    contents: [data],
    config: { Cmd: ['cat', '/etc/greeting'], Env: ['ALSO=above'] },
    archive: { fromImage: store.pathOf(`docker-image-${prefix}-zstd.tar.gz`) },
  });
  archives.set('based', store.physical(based));
  const layered = await buildImage(store, {
    name: `${prefix}-layered`,
    contents: [shell, data],
    config: { Cmd: ['cat', '/etc/greeting'] },
    layer: { links: true },
    archive: { maxLayers: 10, storeUname: 'root', storeGname: 'root' },
  });
  archives.set('layered', store.physical(layered));
}, 120_000);

afterAll(() => {
  for (const name of archives.keys()) spawnSync('podman', ['rmi', '-f', `localhost/${prefix}-${name}`]);
  store.remove();
  rmSync(work, { recursive: true, force: true });
});

const all = [...compressors, 'based', 'layered'];
const run = (program: string, args: readonly string[], input?: Uint8Array) => {
  const done = spawnSync(program, args, { encoding: 'utf8', ...(input ? { input } : {}) });
  return { code: done.status, output: done.stdout + done.stderr, stdout: done.stdout };
};

/** How a container starts where there is no network of its own and few limits may be raised. */
const podmanRun = (
  process.env.PODMAN_RUN ??
  'podman --runtime runc run --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --network=host'
).split(' ');
const inContainer = (image: string, ...command: string[]) =>
  run(podmanRun[0]!, [...podmanRun.slice(1), '--rm', `localhost/${prefix}-${image}`, ...command]);

describe.for(all)('the %s image', (name) => {
  it('is what it says it is', async () => {
    expect(await validateDockerArchive(archives.get(name)!, mkdtempSync(join(work, 'scratch-')))).toEqual([]);
  });

  withPeer('skopeo')(`${name}: skopeo inspects it`, () => {
    const { code, output, stdout } = run('skopeo', ['inspect', `docker-archive:${archives.get(name)}`]);
    expect(code, output).toBe(0);
    const shown = JSON.parse(stdout);
    expect(shown).toMatchObject({ Architecture: 'amd64', Os: 'linux', Created: '1970-01-01T00:00:01Z' });
    expect(shown.Layers).toHaveLength({ based: 2, layered: 3 }[name] ?? 1);
    if (name === 'based') expect(shown.Env).toEqual(['FROM=below', 'ALSO=above']);
  });

  withPeer('umoci')(`${name}: umoci unpacks its OCI layout`, async () => {
    const layout = join(work, `oci-${name}`);
    await convertToOciLayout(archives.get(name)!, layout, mkdtempSync(join(work, 'scratch-')));
    const bundle = join(work, `bundle-${name}`);
    const { code, output } = run('umoci', ['unpack', '--rootless', '--image', `${layout}:latest`, bundle]);
    expect(code, output).toBe(0);
    expect(readdirSync(join(bundle, 'rootfs'))).toContain(name === 'based' ? 'etc' : 'default.script');
    if (name === 'based')
      expect(readFileSync(join(bundle, 'rootfs/etc/greeting'), 'utf8')).toBe('hello from the image\n');
    // Some directories cannot be written to; what is in them must go all the same.
    run('chmod', ['-R', 'u+w', bundle]);
  });

  withPeer('skopeo')(`${name}: skopeo copies its OCI layout, checking digests`, async () => {
    const layout = join(work, `oci-copy-${name}`);
    await convertToOciLayout(archives.get(name)!, layout, mkdtempSync(join(work, 'scratch-')), 'zstd');
    const { code, output } = run('skopeo', ['copy', `oci:${layout}:latest`, `dir:${join(work, `dir-${name}`)}`]);
    expect(code, output).toBe(0);
  });

  withPeer('podman', 'runc')(
    `${name}: podman loads it and runs a container`,
    () => {
      const loaded = run('podman', ['load'], readFileSync(archives.get(name)!));
      expect(loaded.code, loaded.output).toBe(0);
      expect(loaded.output).toContain(`localhost/${prefix}-${name}:latest`);
      expect(runnable || process.env.CI !== 'true', 'busybox-static must be obtainable under CI=true').toBe(true);
      if (!runnable) return;
      if (name === 'based' || name === 'layered') {
        expect(inContainer(name)).toMatchObject({ code: 0, stdout: 'hello from the image\n' });
        return;
      }
      const { code, output, stdout } = inContainer(name, 'ls', '/');
      expect(code, output).toBe(0);
      expect(stdout.trim().split(/\s+/).sort()).toEqual(
        'bin default.script dev etc linuxrc nix proc run sbin sys'.split(' '),
      );
    },
    120_000,
  );
});

withPeer('file')('file tells gzip from its first bytes', () => {
  expect(run('file', [archives.get('gz')!]).stdout).toContain('gzip compressed data');
});

withPeer('gzip')('gzip reads an archive to its end', () => {
  expect(run('gzip', ['-t'], readFileSync(archives.get('gz')!)).code).toBe(0);
});

withPeer('tar')('GNU tar reads what is in it', () => {
  const { code, stdout } = run('tar', ['-tzf', archives.get('layered')!]);
  expect(code).toBe(0);
  expect(stdout.match(/\/layer\.tar$/gm)).toHaveLength(3);
});

/**
 * The same expression gives the same bytes: built in another directory, into another store, at another time, under another
 * umask and time zone. And what it gives is an image that others accept.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, run } from '../support/nixlet.ts';
import { withPeer } from '../support/peers.ts';

const launcher = join(root, 'src', 'cli', 'launcher.js');
let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-reproducible-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Circumstances {
  readonly name: string;
  readonly umask: string;
  readonly zone: string;
}

async function build({ name, umask, zone }: Circumstances): Promise<string> {
  const directory = join(work, name, 'a', 'b');
  mkdirSync(directory, { recursive: true });
  cpSync(join(root, 'fixtures', 'app'), directory, { recursive: true });
  const image = join(work, name, 'image');
  const command = [process.execPath, '--stack-size=7000', launcher, 'nix-build', '-A', 'image'];
  const { code, stderr } = await run(
    'sh',
    ['-c', `umask ${umask}; exec "$@"`, 'sh', ...command, '-o', image, '--store', join(work, name, 'store')],
    { cwd: directory, env: { TZ: zone, XDG_CACHE_HOME: join(work, name, 'cache') } },
  );
  expect(code, stderr).toBe(0);
  return image;
}

const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

it('gives the same archive under other circumstances', { timeout: 600_000 }, async () => {
  const one = await build({ name: 'one', umask: '022', zone: 'UTC' });
  const other = await build({ name: 'elsewhere/other', umask: '077', zone: 'Asia/Tokyo' });
  expect(hash(other)).toBe(hash(one));
});

withPeer('skopeo')(
  'is accepted by skopeo',
  async () => {
    const { code, stdout, stderr } = await run('skopeo', ['inspect', `docker-archive:${join(work, 'one', 'image')}`]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ Architecture: 'amd64', Os: 'linux' });
  },
  60_000,
);

withPeer('skopeo', 'umoci')(
  'is unpacked by umoci',
  async () => {
    const layout = join(work, 'layout');
    const copied = await run('skopeo', [
      'copy',
      `docker-archive:${join(work, 'one', 'image')}`,
      `oci:${layout}:latest`,
    ]);
    expect(copied.code, copied.stderr).toBe(0);
    const args = [
      'unpack',
      ...(process.getuid?.() === 0 ? [] : ['--rootless']),
      '--image',
      `${layout}:latest`,
      join(work, 'bundle'),
    ];
    const unpacked = await run('umoci', args);
    expect(unpacked.code, unpacked.stderr).toBe(0);
    expect(readFileSync(join(work, 'bundle', 'config.json'), 'utf8')).toContain('greeter.py');
  },
  120_000,
);

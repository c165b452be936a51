/** nixlet channel: a re-lock from a signed index, and indices that are not to be trusted. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCleartextMessage, generateKey, type PrivateKey, readKey, readPrivateKey, sign } from 'openpgp';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ChannelUpdate, lockInUse, removeChannel, updateChannel } from '../../../src/api/channel.ts';
import { hashBytes, toHex } from '../../../src/base/hash.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { type DebianLock, readLock } from '../../../src/nixpkgs/lock.ts';
import { makeDeb } from '../../support/make-deb.ts';
import { findProgram } from '../../support/peers.ts';
import { serve } from '../realise/servers.ts';

interface Key {
  readonly secret: PrivateKey;
  readonly publicKey: string;
}
let debian: Key;
let stranger: Key;

async function makeKey(name: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKey({ userIDs: [{ name }], date: new Date(1_600_000_000_000) });
  return { secret: await readPrivateKey({ armoredKey: privateKey }), publicKey };
}
beforeAll(async () => {
  debian = await makeKey('Archive');
  stranger = await makeKey('Stranger');
});

const sha256 = (bytes: Uint8Array) => toHex(hashBytes('sha256', bytes));

interface Package {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
  readonly deb: Buffer;
}

function paragraph({ name, version, depends, deb }: Package): string {
  const fields = {
    Package: name,
    Version: version,
    Architecture: 'amd64',
    ...(depends ? { Depends: depends } : {}),
    Filename: `pool/main/${name}_${version}_amd64.deb`,
    Size: deb.length,
    SHA256: sha256(deb),
  };
  return Object.entries(fields)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');
}

const xz = (bytes: Buffer) => execFileSync('xz', ['-c'], { input: bytes });

/** The files of a mirror that has these packages. */
class Mirror {
  readonly files = new Map<string, Buffer>();
  readonly packages: Package[] = [];
  /** Instead of Debian's. */
  signer: Key = debian;
  extra = '';
  /** Changes a signed text on its way. */
  tamper: (text: string) => string = (text) => text;

  async build(): Promise<Map<string, Buffer>> {
    const index = xz(Buffer.from(this.packages.map(paragraph).join('\n')));
    for (const one of this.packages) this.files.set(`/pool/main/${one.name}_${one.version}_amd64.deb`, one.deb);
    this.files.set(`/dists/bookworm/main/binary-amd64/by-hash/SHA256/${sha256(index)}`, index);
    const release =
      `Origin: Debian\nSuite: oldstable\nVersion: 12.99\nCodename: bookworm\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n${this.extra}` +
      `Acquire-By-Hash: yes\nSHA256:\n ${sha256(index)} ${index.length} main/binary-amd64/Packages.xz\n`;
    const message = await createCleartextMessage({ text: release });
    const signed = await sign({ message, signingKeys: this.signer.secret, date: new Date(1_700_000_000_000) });
    this.files.set('/dists/bookworm/InRelease', Buffer.from(this.tamper(signed)));
    return this.files;
  }
}

const embedded: DebianLock = {
  format: 1,
  release: 'bookworm',
  architectures: {
    amd64: {
      packages: {
        bash: {
          debs: [{ package: 'bash', version: '1', file: 'pool/main/b.deb', size: 1, sha256: '0'.repeat(64) }],
          depends: [],
          interpreters: ['sh'],
        },
        hello: {
          debs: [{ package: 'hello', version: '1', file: 'pool/main/h.deb', size: 1, sha256: '1'.repeat(64) }],
          depends: [],
        },
      },
    },
  },
};

interface Place {
  readonly directory: string;
  readonly environment: Record<string, string>;
  readonly said: string[];
  update(mirror: Mirror, options?: { keyring?: string; now?: number }): Promise<ChannelUpdate>;
}

function place(): Place {
  const directory = mkdtempSync(join(tmpdir(), 'nixlet-channel-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'apt'));
  writeFileSync(join(directory, 'keys.asc'), debian.publicKey);
  const environment = {
    HOME: directory,
    XDG_STATE_HOME: join(directory, 'state'),
    XDG_CACHE_HOME: join(directory, 'cache'),
  };
  const said: string[] = [];
  return {
    directory,
    environment,
    said,
    async update(mirror, { keyring = join(directory, 'keys.asc'), now = 1_790_000_000 } = {}) {
      const files = await mirror.build();
      const server = await serve((request, response) => {
        const file = files.get(request.url!);
        response.writeHead(file ? 200 : 404, { 'content-length': file?.length ?? 0 }).end(file);
      });
      return updateChannel({
        environment,
        debianMirrors: [server.url],
        keyring: keyring === '' ? undefined : keyring,
        embedded,
        download: { aptDirectory: join(directory, 'apt'), attempts: 1 },
        now: () => now,
        notify: (line) => void said.push(line),
      });
    },
  };
}

async function sample(): Promise<Mirror> {
  const mirror = new Mirror();
  const script = { name: './usr/bin/tree', data: '#!/bin/bash\n', mode: 0o755 };
  mirror.packages.push(
    { name: 'bash', version: '2', deb: await makeDeb([]) },
    { name: 'tree', version: '1.0', depends: 'bash (>= 1)', deb: await makeDeb([script]) },
    {
      name: 'python3-click',
      version: '8',
      deb: await makeDeb([{ name: './usr/lib/python3/dist-packages/click.py', data: '' }]),
    },
  );
  return mirror;
}

async function refusal(work: Promise<unknown>): Promise<NixError> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(NixError);
  return error;
}

describe.skipIf(!findProgram('xz'))('nixlet channel update', () => {
  it('locks what the mirror has, and looks into what is new', async () => {
    const here = place();
    const result = await here.update(await sample());
    expect(result).toMatchObject({
      path: join(here.directory, 'state/nixlet/debian.lock.json'),
      release: 'bookworm',
      version: '12.99',
      architectures: [{ name: 'amd64', packages: 3, changed: 3, vanished: ['hello'] }],
    });
    const { packages } = readLock(readFileSync(result.path, 'utf8'), 'lock').architectures.amd64!;
    expect(packages.bash).toMatchObject({ debs: [{ version: '2' }], interpreters: ['sh'] });
    expect(packages.tree).toMatchObject({ depends: ['bash'], interpreters: ['bash'] });
    expect(packages['python3-click']).toMatchObject({ pythonModules: true });
    expect(here.said).toContain("no mirror has 'bookworm-security': going on without it");
    expect(lockInUse(here.environment)).toBe(result.path);
    expect((await here.update(await sample())).architectures[0]!.changed).toBe(0);
    expect(removeChannel(here.environment)).toBe(result.path);
    expect(removeChannel(here.environment)).toBeUndefined();
    expect(lockInUse(here.environment)).toMatch(/nixpkgs\/debian\.lock\.json$/);
  });

  const broken: readonly (readonly [string, (mirror: Mirror, here: Place) => void, RegExp])[] = [
    [
      'signed by a stranger',
      (mirror) => void (mirror.signer = stranger),
      /no signature is valid\n[0-9A-F]{16}: Could not find signing key/,
    ],
    [
      'changed after it was signed',
      (mirror) => void (mirror.tamper = (text) => text.replace('12.99', '13.00')),
      /no signature is valid\n.*Signed digest did not match/,
    ],
    [
      'not signed',
      (mirror) => void (mirror.tamper = (text) => text.replace(/^[\s\S]*?\n\n|-----BEGIN PGP SIG[\s\S]*$/g, '')),
      /it is no signed text/,
    ],
    [
      'that is over',
      (mirror) => void (mirror.extra = 'Valid-Until: Sat, 18 Jul 2026 10:16:37 UTC\n'),
      /was valid until 2026-07-18T10:16:37/,
    ],
    [
      'with a Packages file that was changed',
      (mirror) => {
        mirror.tamper = (text) => {
          for (const path of mirror.files.keys())
            if (path.includes('by-hash')) mirror.files.set(path, xz(Buffer.from('Package: evil\n')));
          return text;
        };
      },
      /hash mismatch in file downloaded|has \d+ bytes instead of/,
    ],
    [
      'with a .deb file that was changed',
      (mirror) => {
        mirror.tamper = (text) => {
          mirror.files.set('/pool/main/tree_1.0_amd64.deb', Buffer.alloc(9));
          return text;
        };
      },
      /has 9 bytes instead of/,
    ],
    ['of another suite', (mirror) => void (mirror.extra = 'Codename: trixie\n'), /is the index of 'trixie'/],
  ];
  it.each(broken)('refuses an index %s, and changes nothing', async (_, change, message) => {
    const here = place();
    const mirror = await sample();
    change(mirror, here);
    const error = await refusal(here.update(mirror));
    expect(error.message).toMatch(message);
    expect(existsSync(join(here.directory, 'state'))).toBe(false);
  });

  it('says what to do without keys, and without the release', async () => {
    const here = place();
    const gone = await refusal(here.update(await sample(), { keyring: '/gone/keys' }));
    expect(gone.message).toContain("cannot read the keyring '/gone/keys'");
    const mirror = await sample();
    mirror.build = async () => new Map();
    const error = await refusal(here.update(mirror));
    expect(error.message).toMatch(/^no mirror has Debian's release 'bookworm':\nunable to download .*HTTP error 404/);
    expect(error.hint).toContain('--debian-mirror');
  });

  it("takes the keys that APT's sources name", async () => {
    const here = place();
    const binary = (await readKey({ armoredKey: debian.publicKey })).write();
    writeFileSync(join(here.directory, 'debian.gpg'), binary);
    mkdirSync(join(here.directory, 'apt/sources.list.d'));
    const source = (signedBy: string) =>
      writeFileSync(
        join(here.directory, 'apt/sources.list.d/debian.sources'),
        `Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\nSigned-By: ${signedBy}\n`,
      );
    source(join(here.directory, 'debian.gpg'));
    await here.update(await sample(), { keyring: '' });
    source(
      `\n${debian.publicKey
        .trim()
        .split(/\r?\n/)
        .map((line) => ` ${line || '.'}`)
        .join('\n')}`,
    );
    await here.update(await sample(), { keyring: '' });
  });
});

/** Sizes: our image of the application, and the same application installed by APT on a minimal Debian base. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../test/support/peers.ts';
import { head, nixlet, root, row } from './measure.ts';

export function benchSize(): void {
  const work = mkdtempSync(join(tmpdir(), 'nixlet-size-'));
  try {
    const link = join(work, 'image');
    nixlet(['nix-build', join(root, 'fixtures', 'app'), '-A', 'image', '-o', link, '--store', join(work, 'store')]);
    const ours = measure('gzip -dc "$1" | wc -c', link);
    head('image', 'MB unpacked archive', 'MB gzip');
    row('nixlet', ours / 1e6, statSync(link).size / 1e6);
    if (!findProgram('debootstrap') || process.getuid?.() !== 0) {
      row('Debian base with APT', 'not measured: needs root and debootstrap', '');
      return;
    }
    const base = join(work, 'debian');
    const mirror = aptMirror();
    execFileSync('debootstrap', ['--variant=minbase', 'bookworm', base, ...(mirror ? [mirror] : [])], {
      stdio: 'ignore',
    });
    execFileSync(
      'chroot',
      [
        base,
        'sh',
        '-c',
        'apt-get install -y -qq --no-install-recommends python3-starlette python3-uvicorn uvicorn && apt-get clean && rm -rf /var/lib/apt/lists/*',
      ],
      {
        stdio: 'ignore',
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      },
    );
    copyFileSync(join(root, 'fixtures', 'app', 'src', 'greeter.py'), join(base, 'usr', 'bin', 'greeter.py'));
    const tar = join(work, 'debian.tar');
    execFileSync('tar', ['-C', base, '--numeric-owner', '-cf', tar, '.']);
    row(
      'Debian base (debootstrap minbase) with APT',
      statSync(tar).size / 1e6,
      measure('gzip -6 -c "$1" | wc -c', tar) / 1e6,
    );
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

function measure(script: string, file: string): number {
  return Number(execFileSync('sh', ['-c', script, 'sh', file], { encoding: 'utf8' }).trim());
}

/** The first Debian archive that this machine's APT is configured with. */
function aptMirror(): string | undefined {
  const targets = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI) $(SUITE) $(CREATED_BY)'], {
    encoding: 'utf8',
  });
  return targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, suite, kind]) => suite === 'bookworm' && kind === 'Packages')?.[0];
}

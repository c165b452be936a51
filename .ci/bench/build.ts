/** Step 04 of the article, in kind: a Python application with its dependencies to an image. */
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { head, median, nixlet, root, row } from './measure.ts';

export function benchBuild(runs: number): void {
  const work = mkdtempSync(join(tmpdir(), 'nixlet-bench-'));
  try {
    const app = join(work, 'app');
    cpSync(join(root, 'fixtures', 'app'), app, { recursive: true });
    const build = (store: string, cache: string) =>
      nixlet(['nix-build', '-A', 'image', '--no-out-link', '--store', store], {
        cwd: app,
        env: { XDG_CACHE_HOME: cache },
      }).seconds;

    const cache = join(work, 'cache');
    const store = join(work, 'store');
    const withDownloads = build(store, cache);
    const empty: number[] = [];
    for (let i = 0; i < Math.min(runs, 3); i++) {
      rmSync(store, { recursive: true, force: true });
      empty.push(build(store, cache));
    }
    const unchanged: number[] = [];
    const edited: number[] = [];
    for (let i = 0; i < runs; i++) {
      unchanged.push(build(store, cache));
      appendFileSync(join(app, 'src', 'greeter.py'), `# edit ${i}\n`);
      edited.push(build(store, cache));
    }
    head('build of the image', 'seconds', 'aim');
    row('empty store, nothing downloaded before', withDownloads, '');
    row('empty store, downloads there', median(empty), 'at most 30');
    row('unchanged', median(unchanged), 'at most 0.5');
    row('after an edit of the application', median(edited), 'at most 3');
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

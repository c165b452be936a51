#!/usr/bin/env -S node --stack-size=7000 --no-opt --initial-heap-size=256
/*
 * The program that `npm` links as `nixlet`. It only finds a Node that is new enough and the code to run on it:
 * - this Node, if it is 24 or newer; else the pinned one (`node` as a dependency) installed beside us; else it says what it needs;
 * - the bundle dist/nixlet.js (a release, or a checkout after `npm ci`), else the sources themselves.
 * Plain JavaScript without dependencies, so that an old Node can read it. V8's flags stand in the first line because V8
 * takes them only at start: the stack size (in KiB), which keeps below the usual 8 MiB of the main thread (deeper
 * evaluations go on in a worker with a much larger one); no optimising compiler before it pays (api/optimise.ts switches
 * it on), and no collection of old garbage before there is some (docs/decisions/0031-start-of-the-evaluator.md).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { constants, homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const wanted = 24;
const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..', '..');
const bundle = join(root, 'dist', 'nixlet.js');
const entry = existsSync(bundle) ? bundle : join(root, 'src', 'cli', 'entry.ts');
const flags = ['--stack-size=7000', '--no-opt', '--initial-heap-size=256'];

if (Number(process.versions.node.split('.')[0]) >= wanted) {
  process.env.NIXLET_INVOKED_AS ??= basename(process.argv[1] ?? 'nixlet');
  // V8's own cache of compiled functions; without it (a read-only home, say) all goes on, a little later.
  module.enableCompileCache?.(
    join(process.env.XDG_CACHE_HOME || join(process.env.HOME ?? homedir(), '.cache'), 'nixlet', 'v8'),
  );
  await import(entry);
} else {
  const pinned = [join(root, 'node_modules', 'node', 'bin', 'node'), join(root, '..', 'node', 'bin', 'node')].find(
    existsSync,
  );
  if (!pinned) {
    process.stderr.write(
      `error: nixlet needs Node.js ${wanted} or newer, and this is ${process.version}.\n` +
        `       Install Node.js ${wanted}, or run \`npm install node@${wanted}\` beside nixlet.\n`,
    );
    process.exit(1);
  }
  const env = {
    ...process.env,
    NIXLET_INVOKED_AS: process.env.NIXLET_INVOKED_AS ?? basename(process.argv[1] ?? 'nixlet'),
  };
  const done = spawnSync(pinned, [...flags, entry, ...process.argv.slice(2)], { stdio: 'inherit', env });
  if (done.error) throw done.error;
  process.exit(done.signal ? 128 + (constants.signals[done.signal] ?? 0) : (done.status ?? 1));
}

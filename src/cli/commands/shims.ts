/**
 * `nixlet shims DIR`: writes nix-build, nix-shell, nix-instantiate, nix-store and nix into DIR, each of which starts this
 * nixlet under that name. With DIR first in PATH, the article's commands are typed as printed.
 */
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { launcherPath } from '../../api/program.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Invocation } from '../main.ts';
import { quoteForShell } from '../quote.ts';
import { writeOut } from '../terminal.ts';

const names = ['nix', 'nix-build', 'nix-instantiate', 'nix-shell', 'nix-store'];

export function run({ args }: Invocation): number {
  if (args.length !== 1 || args[0]!.startsWith('-'))
    throw new NixError('nixlet shims takes one argument, the directory to write into', { class: 'UsageError' });
  const directory = resolve(args[0]!);
  mkdirSync(directory, { recursive: true });
  for (const name of names) {
    const path = join(directory, name);
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, `#!/bin/sh\nexec ${quoteForShell(launcherPath())} ${name} "$@"\n`);
    chmodSync(temporary, 0o755);
    renameSync(temporary, path);
    writeOut(`${path}\n`);
  }
  return 0;
}

/**
 * Images of locked packages, withPackages included, are made by nixlet alone: a run in which starting any process is
 * forbidden succeeds. That is what makes Linux images on other operating systems, and for other processors, possible.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { embeddedSet, root, run } from '../support/nixlet.ts';

const launcher = join(root, 'src', 'cli', 'launcher.js');
const guard = join(root, 'test', 'support', 'forbid-processes.cjs');

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-no-process-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const guarded = (...args: string[]) =>
  run(process.execPath, ['--stack-size=7000', '--require', guard, launcher, ...args, '--store', join(work, 'store')], {
    cwd: work,
  });

it('an image with a Python environment', async () => {
  writeFileSync(
    join(work, 'default.nix'),
    `{ pkgs ? import ${embeddedSet} { } }:
    let environment = pkgs.python3.withPackages (ps: [ ps.starlette ps.uvicorn ]);
    in pkgs.dockerTools.buildImage {
      name = "environment";
      copyToRoot = [ environment pkgs.busybox (pkgs.writeTextDir "etc/motd" "hello") (pkgs.symlinkJoin { name = "tools"; paths = [ pkgs.jq ]; }) ];
      config.Cmd = [ "python3" ];
    }`,
  );
  const { code, stdout, stderr } = await guarded('nix-build', '--no-out-link');
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^\/nix\/store\/[0-9a-z]{32}-docker-image-environment\.tar\.gz\n$/);
}, 300_000);

it('the guard works: a process builder is refused', async () => {
  const drv = 'derivation { name = "p"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; }';
  const { code, stderr } = await guarded('nix-build', '--no-out-link', '-E', drv);
  expect(code).not.toBe(0);
  expect(stderr).toContain('FORBIDDEN');
}, 120_000);

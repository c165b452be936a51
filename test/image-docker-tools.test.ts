/** dockerTools as an expression: names, attributes, refusals, and the same derivations under nixlet and C++ Nix. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { embeddedSet, nixlet, run } from './support/nixlet.ts';
import { withPeer } from './support/peers.ts';

const work = mkdtempSync(join(tmpdir(), 'nixlet-docker-tools-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const store = ['--store', join(work, 'store')];
const within = (body: string) => `with import ${embeddedSet} { system = "x86_64-linux"; }; ${body}`;
const evaluate = (body: string) =>
  nixlet(['nix-instantiate', '--eval', '--strict', '--json', '-E', within(body), ...store]);

async function value(body: string): Promise<unknown> {
  const { code, stdout, stderr } = await evaluate(body);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe('dockerTools', () => {
  it('names derivations and images as nixpkgs does', async () => {
    expect(
      await value(`
        let image = dockerTools.buildImage { name = "registry/Some-App"; tag = "V1"; };
        in [ image.name image.imageName image.imageTag image.layer.name image.buildArgs.tag
             (image.override { compressor = "zstd"; }).name
             (dockerTools.buildImage { name = "x"; compressor = "none"; }).name
             (dockerTools.buildLayeredImage { name = "x"; }).name
             (dockerTools.streamLayeredImage { name = "x"; }).name ]`),
    ).toEqual([
      'docker-image-Some-App.tar.gz',
      'registry/some-app',
      'V1',
      'docker-layer-Some-App',
      'V1',
      'docker-image-Some-App.tar.zst',
      'docker-image-x.tar',
      'x.tar.gz',
      'stream-x',
    ]);
  });

  it('takes the tag from the hash where none is given', async () => {
    const [tag, path] = (await value(
      'let i = dockerTools.buildImage { name = "x"; }; in [ i.imageTag (builtins.unsafeDiscardStringContext i.outPath) ]',
    )) as string[];
    expect(path).toContain(`/${tag}-docker-image-x`);
  });

  it.each([
    ['buildImage { name = "x"; runAsRoot = "true"; }', 'runAsRoot is not supported yet'],
    ['buildImage { name = "x"; compressor = "xz"; }', "unknown compressor 'xz'"],
    ['buildImage { name = "x"; includeNixDB = true; }', 'Nix database is not supported yet'],
    ['buildImage { name = "x"; contents = [ ]; copyToRoot = [ ]; }', 'both copyToRoot and contents are given'],
    ['buildLayeredImage { name = "x"; maxLayers = 1; }', 'maxLayers argument of dockerTools.buildLayeredImage'],
    ['buildLayeredImage { name = "x"; fakeRootCommands = "x"; }', 'fakeRootCommands is not supported yet'],
    [
      'pullImage { imageName = "x"; imageDigest = "sha256:0"; sha256 = ""; }',
      'fetching from a registry is not supported yet',
    ],
  ])('refuses in words: %s', async (call, message) => {
    const { code, stderr } = await evaluate(`(dockerTools.${call}).drvPath`);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  withPeer('nix-instantiate')('gives the derivations that C++ Nix gives', async () => {
    writeFileSync(
      join(work, 'images.nix'),
      within(`with dockerTools; {
        plain = buildImage { name = "a"; tag = "latest"; copyToRoot = [ busybox ./images.nix ]; config.Cmd = [ "sh" ]; uid = 5; };
        now = buildImage { name = "b"; created = "now"; contents = busybox; config = { Env = [ "A=\${jq}" ]; ExposedPorts."80/tcp" = { }; }; };
        based = buildImage { name = "c"; fromImage = buildImage { name = "d"; }; extraCommands = "mkdir tmp"; architecture = "arm64"; };
        layered = buildLayeredImage { name = "e"; contents = [ binSh usrBinEnv caCertificates fakeNss ]; maxLayers = 7; };
        stream = streamLayeredImage { name = "f"; contents = busybox; };
        merged = mergeImages [ (buildImage { name = "g"; }) ];
        flat = exportImage { fromImage = buildImage { name = "h"; }; };
      }`),
    );
    const ours = await nixlet(['nix-instantiate', join(work, 'images.nix'), ...store]);
    expect(ours.code, ours.stderr).toBe(0);
    const theirs = await run('nix-instantiate', [join(work, 'images.nix'), '--store', join(work, 'cpp-store')]);
    expect(theirs.code, theirs.stderr).toBe(0);
    expect(ours.stdout).toBe(theirs.stdout);
  });
}, 120_000);

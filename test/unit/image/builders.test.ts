import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportImage } from '../../../src/image/builders/export-image.ts';
import { imageConfig } from '../../../src/image/builders/image-config.ts';
import { linkFarm } from '../../../src/image/builders/link-farm.ts';
import { mergeImages } from '../../../src/image/builders/merge-images.ts';
import { readDockerArchive } from '../../../src/image/docker-archive-reader.ts';
import { convertToOciLayout } from '../../../src/image/oci-layout.ts';
import { indexTar } from '../../../src/image/tar-index.ts';
import { validateDockerArchive, validateOciLayout } from '../../../src/image/validate.ts';
import { buildImage } from './build-image.ts';
import { elf, ImageStore } from './image-store.ts';

let store: ImageStore;
beforeEach(() => {
  store = new ImageStore();
});
afterEach(() => store.remove());

const scratch = () => mkdtempSync(join(store.root, 'scratch-'));
const archiveOf = (path: string) => readDockerArchive(store.physical(path), scratch());
async function namesOf(path: string): Promise<string[]> {
  const { images } = await archiveOf(path);
  const names: string[] = [];
  for (const layer of images[0]!.layers) names.push(...(await indexTar(layer.raw(), layer.name)).members.keys());
  return names;
}

/** A library, a program that needs it, and one that only the configuration names. */
function packages(into: ImageStore) {
  const library = into.add('library-1', { 'lib/libx.so': 'library' });
  const program = into.add('program-1', { 'bin/program': elf, 'share/config': `uses ${library}` });
  const named = into.add('named-1', { 'bin/named': { script: '#!/bin/sh\n' } });
  return { library, program, named };
}

describe('image builders', () => {
  it('make an image with the contents at / and the closure in the store', async () => {
    const { library, program, named } = packages(store);
    const path = await buildImage(store, { name: 'x', contents: [program], config: { Cmd: [`${named}/bin/named`] } });
    expect(await namesOf(path)).toEqual([
      '',
      'bin',
      'bin/program',
      'share',
      'share/config',
      'nix',
      'nix/store',
      ...[library, program, named].sort().flatMap((p) => {
        const under =
          p === library
            ? ['lib', 'lib/libx.so']
            : p === program
              ? ['bin', 'bin/program', 'share', 'share/config']
              : ['bin', 'bin/named'];
        return [p.slice(1), ...under.map((name) => `${p.slice(1)}/${name}`)];
      }),
    ]);
    expect(await validateDockerArchive(store.physical(path), scratch())).toEqual([]);
    expect((await archiveOf(path)).images[0]!.repoTags).toEqual(['x:latest']);
  });

  it('log what the article shows', async () => {
    const { program } = packages(store);
    await buildImage(store, { name: 'dummy', contents: [program] });
    expect(store.log).toEqual([
      'Adding contents...',
      `Adding ${program}`,
      'Packing layer...',
      "Finished building layer 'dummy'",
      'Adding layer...',
      "tar: Removing leading `/' from member names",
      'Adding meta...',
      'Cooking the image...',
      'Finished.',
    ]);
  });

  it('have the closure of what a copied path refers to, though housekeeping is not copied', async () => {
    const library = store.add('library-1', { 'lib/x.py': 'x' });
    const item = store.add('item-1', { 'lib/y.py': 'y', 'nix-support/propagated-build-inputs': library });
    const names = await namesOf(await buildImage(store, { name: 'x', contents: [item] }));
    expect(names).toContain(`${library.slice(1)}/lib/x.py`);
    expect(names.some((name) => name.includes('nix-support'))).toBe(false);
    expect(names).not.toContain(item.slice(1));
  });

  it('give no /nix to an image that needs none', async () => {
    const data = store.add('data', { 'srv/index.html': '<html>' });
    expect(await namesOf(await buildImage(store, { name: 'x', contents: [data] }))).toEqual([
      '',
      'srv',
      'srv/index.html',
    ]);
  });

  for (const compressor of ['gz', 'zstd', 'none'])
    it(`are reproducible: elsewhere, later, under another umask, with and without what was packed before (${compressor})`, async () => {
      const build = async (into: ImageStore) => {
        const { program, named } = packages(into);
        const path = await buildImage(into, { name: 'x', contents: [program, named], archive: { compressor } });
        return into.read(path);
      };
      const first = await build(store);
      const elsewhere = new ImageStore();
      const warm = new ImageStore(store.cache);
      const umask = process.umask(0o077);
      try {
        await new Promise((resolve) => setTimeout(resolve, 1100));
        expect((await build(elsewhere)).equals(first)).toBe(true);
        expect((await build(warm)).equals(first)).toBe(true);
      } finally {
        process.umask(umask);
        elsewhere.remove();
        warm.remove();
      }
    });

  it('take modes from the store, not from the disk', async () => {
    const { program } = packages(store);
    chmodSync(store.physical(`${program}/share/config`), 0o600);
    const path = await buildImage(store, { name: 'x', contents: [program] });
    const { images } = await archiveOf(path);
    const { members } = await indexTar(images[0]!.layers[0]!.raw(), 'x');
    expect(members.get('share/config')!.header.mode).toBe(0o444);
    expect(members.get('bin')!.header.mode).toBe(0o555);
    expect(members.get('share/config')!.header.mtime.getTime()).toBe(1000);
  });

  it('compress nothing again that has not changed', async () => {
    const { program, named } = packages(store);
    await buildImage(store, { name: 'one', contents: [program] });
    const before = readdirSync(store.cache);
    // Another image with the same store paths and one more: its own files and the new path are packed, nothing else.
    await buildImage(store, { name: 'two', contents: [program, named], config: { Cmd: [`${named}/bin/named`] } });
    expect(readdirSync(store.cache).length - before.length).toBe(2);
  });

  it('give copied files an owner, and leave the store to root', async () => {
    const { program } = packages(store);
    const path = await buildImage(store, { name: 'x', contents: [program], layer: { uid: 1000, gid: 100 } });
    const { members } = await indexTar((await archiveOf(path)).images[0]!.layers[0]!.raw(), 'x');
    expect(members.get('share/config')!.header).toMatchObject({ uid: 1000, gid: 100 });
    expect(members.get(program.slice(1))!.header).toMatchObject({ uid: 0, gid: 0 });
  });

  it('take the tag from the path where none is given', async () => {
    const path = await buildImage(store, { name: 'x', archive: { imageTag: '' } });
    expect((await archiveOf(path)).images[0]!.repoTags).toEqual([`x:${path.slice(11, 43)}`]);
  });

  it('read the clock for created = "now" only', async () => {
    const pure = store.add(
      'pure.json',
      JSON.stringify({ architecture: 'amd64', created: 'now', config: { Cmd: ['x'] } }),
    );
    const before = Math.floor(Date.now() / 1000);
    const made = JSON.parse(store.read(await store.build(imageConfig, 'config.json', { pure })).toString());
    expect(made).toMatchObject({ architecture: 'amd64', config: { Cmd: ['x'] } });
    expect(made.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(made.created) / 1000).toBeGreaterThanOrEqual(before);
  });

  it('warn of a command that is not there', async () => {
    const { program } = packages(store);
    await buildImage(store, { name: 'x', contents: [program], config: { Cmd: ['python3'] } });
    expect(store.log.find((line) => line.startsWith('warning:'))).toContain("'python3'");
  });

  describe('with a base image', () => {
    for (const compressor of ['gz', 'zstd', 'none'])
      it(`keep its layers, environment and history, and add what is missing (base: ${compressor})`, async () => {
        const { library, program, named } = packages(store);
        const config = { Env: ['A=1'], Cmd: ['gone'] };
        const base = await buildImage(store, { name: 'base', contents: [program], config, archive: { compressor } });
        const path = await buildImage(store, {
          name: 'upper',
          contents: [program, named],
          config: { Env: ['B=2'] },
          archive: { fromImage: base },
        });
        expect(await validateDockerArchive(store.physical(path), scratch())).toEqual([]);
        const [image] = (await archiveOf(path)).images;
        const [below] = (await archiveOf(base)).images;
        expect(image!.layers).toHaveLength(2);
        expect(image!.layers[0]!.diffId).toBe(below!.layers[0]!.diffId);
        expect(image!.config.config).toEqual({ Env: ['A=1', 'B=2'] });
        const { members } = await indexTar(image!.layers[1]!.raw(), 'upper');
        expect([...members.keys()].some((name) => name.startsWith(library.slice(1)))).toBe(false);
        expect(members.has('nix/store')).toBe(false);
        expect(members.has('bin/named')).toBe(true);
      });

    it('take the image that is named, or say which there are', async () => {
      const one = await buildImage(store, { name: 'one' });
      const two = await buildImage(store, { name: 'two', config: { Env: ['TWO=2'] } });
      const both = await store.build(mergeImages, 'both.tar.gz', { images: [one, two] });
      expect(await validateDockerArchive(store.physical(both), scratch())).toEqual([]);
      const named = { fromImage: both, fromImageName: 'two', fromImageTag: 'latest' };
      const path = await buildImage(store, { name: 'upper', archive: named });
      expect((await archiveOf(path)).images[0]!.config.config).toEqual({ Env: ['TWO=2'] });
      await expect(
        buildImage(store, { name: 'other', archive: { ...named, fromImageName: 'three' } }),
      ).rejects.toMatchObject({
        message: expect.stringContaining("no image 'three:latest'"),
        hint: 'It has: one:latest, two:latest.',
      });
    });

    it('refuse what is no image, in words', async () => {
      const not = store.add('not-an-image', zlib.gzipSync('hello'));
      await expect(buildImage(store, { name: 'x', archive: { fromImage: not } })).rejects.toThrow(
        /is not a whole tar archive|not an image/,
      );
      const cut = await buildImage(store, { name: 'whole', contents: [packages(store).program] });
      writeFileSync(store.physical(store.pathOf('cut')), store.read(cut).subarray(0, 700));
      await expect(buildImage(store, { name: 'y', archive: { fromImage: store.pathOf('cut') } })).rejects.toThrow(
        'is not an image',
      );
    });
  });

  it('spread the closure over layers, the files on top', async () => {
    const { library, program, named } = packages(store);
    const contents = [program, named];
    const many = await buildImage(store, {
      name: 'many',
      contents,
      layer: { links: true },
      archive: { maxLayers: 100 },
    });
    const [image] = (await archiveOf(many)).images;
    expect(image!.layers).toHaveLength(4);
    const names = await Promise.all(
      image!.layers.map(async (layer) => [...(await indexTar(layer.raw(), '')).members.keys()]),
    );
    expect(names[0]!.slice(0, 3)).toEqual(['nix', 'nix/store', library.slice(1)]);
    expect(names[3]).toEqual(['', 'bin', 'bin/named', 'bin/program', 'share', 'share/config']);
    expect(await validateDockerArchive(store.physical(many), scratch())).toEqual([]);
    const few = await buildImage(store, { name: 'few', contents, layer: { links: true }, archive: { maxLayers: 2 } });
    expect((await archiveOf(few)).images[0]!.layers).toHaveLength(2);
    await expect(
      buildImage(store, { name: 'none', contents, archive: { fromImage: many, maxLayers: 5 } }),
    ).rejects.toThrow('maxLayers = 5 leaves no layer for the store');
  });

  it('export the file system of an image', async () => {
    const { program } = packages(store);
    const base = await buildImage(store, { name: 'base', contents: [program] });
    const other = store.add('other-1', { 'share/config': 'other' });
    const image = await buildImage(store, { name: 'upper', contents: [other], archive: { fromImage: base } });
    const tar = await store.build(exportImage, 'flat.tar', { fromImage: image });
    async function* bytes() {
      yield store.read(tar);
    }
    const { members } = await indexTar(bytes(), 'flat');
    expect(members.get('share/config')!.size).toBe(5);
    expect([...members.keys()].filter((name) => name === 'share/config')).toHaveLength(1);
    expect([...members.keys()].slice(0, 3)).toEqual(['', 'bin', 'bin/program']);
  });

  it('become an OCI layout', async () => {
    const { program } = packages(store);
    const image = await buildImage(store, { name: 'x', contents: [program] });
    for (const codec of ['gz', 'zstd', 'none'] as const) {
      const directory = join(store.root, `oci-${codec}`);
      await convertToOciLayout(store.physical(image), directory, scratch(), codec);
      expect(await validateOciLayout(directory)).toEqual([]);
      expect(existsSync(join(directory, 'oci-layout'))).toBe(true);
    }
    // A changed byte is found.
    const blobs = join(store.root, 'oci-none', 'blobs', 'sha256');
    const [first] = readdirSync(blobs).sort(
      (a, b) => readFileSync(join(blobs, b)).length - readFileSync(join(blobs, a)).length,
    );
    const bytes = readFileSync(join(blobs, first!));
    bytes[600]! ^= 1;
    writeFileSync(join(blobs, first!), bytes);
    expect((await validateOciLayout(join(store.root, 'oci-none'))).join()).toContain('has digest');
  });

  it('make farms of links', async () => {
    const farm = await store.build(linkFarm, 'bin-sh', { links: { 'bin/sh': '/nix/store/x/bin/bash' } });
    expect(readdirSync(store.physical(`${farm}/bin`))).toEqual(['sh']);
    await expect(store.build(linkFarm, 'bad', { links: { '../x': '/y' } })).rejects.toThrow(
      "cannot make a link '../x'",
    );
  });

  it('say which parameter is wrong', async () => {
    await expect(buildImage(store, { name: 'x', archive: { compressor: 'xz' } })).rejects.toThrow(
      "unknown compressor 'xz'",
    );
    await expect(buildImage(store, { name: 'y', layer: { uid: -1 } })).rejects.toThrow("in 'uid'");
  });
});

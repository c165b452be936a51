/** fixtures/images: what the image builders make of descriptions, member by member. UPDATE_GOLDEN=1 writes it anew. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readDockerArchive } from '../src/image/docker-archive-reader.ts';
import { listTar } from '../src/image/tar-index.ts';
import { buildImage, type ImageArguments } from './unit/image/build-image.ts';
import { type Content, ImageStore } from './unit/image/image-store.ts';

const folder = new URL('../fixtures/images/', import.meta.url).pathname;

type DescribedFile = string | { script: string } | { elf: string } | { link: string };
interface Description {
  readonly packages: Readonly<Record<string, Readonly<Record<string, DescribedFile>>>>;
  readonly image: ImageArguments;
}

const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
it.each(names)('%s', async (name) => {
  const store = new ImageStore();
  try {
    const text = readFileSync(join(folder, name), 'utf8');
    const { packages, image } = JSON.parse(
      text.replace(/@([\w.-]+)@/g, (_, path) => store.pathOf(path)),
    ) as Description;
    for (const [path, files] of Object.entries(packages))
      store.add(path, Object.fromEntries(Object.entries(files).map(([file, data]) => [file, contentOf(data)])));
    const actual = await describeArchive(store, await buildImage(store, image));
    const golden = join(folder, name.replace(/\.json$/, '.exp'));
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, actual);
    expect(actual).toBe(readFileSync(golden, 'utf8'));
  } finally {
    store.remove();
  }
});

function contentOf(data: DescribedFile): Content {
  return typeof data === 'object' && 'elf' in data ? { script: Buffer.from(`\x7fELF${data.elf}`, 'latin1') } : data;
}

async function describeArchive(store: ImageStore, path: string): Promise<string> {
  const archive = await readDockerArchive(store.physical(path), store.root);
  const lines = [
    `manifest.json ${await archive.text('manifest.json')}`,
    `repositories ${await archive.text('repositories')}`,
  ];
  for (const image of archive.images) {
    lines.push(`${image.configName} ${image.configText}`);
    for (const layer of image.layers) {
      lines.push('', `${layer.name} ${layer.diffId}`);
      for (const { name, type, size, header, linkname } of await listTar(layer.raw(), layer.name)) {
        const owner = `${header.uid}:${header.gid}${header.uname ? ` ${header.uname}:${header.gname}` : ''}`;
        const rest = type === 'symlink' ? ` -> ${linkname}` : type === 'file' ? ` ${size}` : '';
        lines.push(`${(header.mode & 0o7777).toString(8).padStart(4, '0')} ${owner} ${name}${rest}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

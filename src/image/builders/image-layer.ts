/**
 * builtin:image-layer: the files of an image outside the store, as a tar archive.
 *   imageName             for the log
 *   contents              store paths, or directories in them, to be laid over each other at / (copy-to-root.ts)
 *   baseJson              the image configuration: its references belong to the image
 *   uid, gid              0; of the copied files
 *   keepContentsDirlinks  false
 *   links                 false; true makes every file a link into the store (buildLayeredImage)
 *   quiet                 false; no log
 *
 * The output, read by builtin:docker-archive:
 *   layer.tar    not compressed, so that references in it can be found by scanning
 *   json         the configuration, with the archive's checksum
 *   references   what the copied store paths refer to: copies of them refer to the same
 *   VERSION      1.0
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { compareBytewise } from '../../base/order.ts';
import type { BuiltinBuilder } from '../../realise/builtin.ts';
import { fileError } from '../../store/disk.ts';
import { cutBlocks } from '../codec/blocks.ts';
import { RootCopier, wholeStorePaths } from '../copy-to-root.ts';
import { LogicalFiles } from '../logical-files.ts';
import { END_OF_ARCHIVE, tarFragment } from '../tar.ts';
import { ArchiveTree } from '../tree.ts';
import { ImageAttributes } from './attributes.ts';

const ROOT_MODE = 0o755;

export const imageLayer: BuiltinBuilder = {
  name: 'image-layer',
  async build(context) {
    const attrs = new ImageAttributes('image-layer', context.attrs);
    const log = attrs.boolean('quiet') ? () => undefined : (line: string) => context.log(line);
    const contents = attrs.list('contents');
    const owner = { uid: attrs.integer('uid', 0), gid: attrs.integer('gid', 0) };
    const linkFiles = attrs.boolean('links');
    const tree = new ArchiveTree(ROOT_MODE, owner);
    const files = new LogicalFiles((path) => context.physical(path));
    const copier = new RootCopier(tree, files, {
      owner,
      linkFiles,
      keepDirectoryLinks: linkFiles || attrs.boolean('keepContentsDirlinks'),
    });
    log(contents.length > 0 ? 'Adding contents...' : 'No contents to add to layer.');
    for (const path of contents) {
      log(`Adding ${path}`);
      copier.add(path);
    }
    log('Packing layer...');
    const out = context.physical(context.outputs.get('out')!);
    mkdirSync(out);
    const checksum = await writeTar(`${out}/layer.tar`, tree, context.signal);
    const config = JSON.parse(readFileSync(context.physical(attrs.text('baseJson')), 'utf8')) as object;
    writeFileSync(`${out}/json`, JSON.stringify({ ...config, checksum: `sha256:${checksum}` }));
    const references = new Set(wholeStorePaths(contents).flatMap((path) => context.pathInfo(path).references));
    writeFileSync(
      `${out}/references`,
      [...references]
        .sort(compareBytewise)
        .map((path) => `${path}\n`)
        .join(''),
    );
    writeFileSync(`${out}/VERSION`, '1.0');
    log(`Finished building layer '${attrs.text('imageName')}'`);
  },
};

/** Writes the archive; its SHA-256 in hex. */
async function writeTar(file: string, tree: ArchiveTree, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  async function* archive() {
    yield* tarFragment(tree.walk());
    yield END_OF_ARCHIVE;
  }
  const handle = await open(file, 'wx', 0o644);
  try {
    for await (const block of cutBlocks(archive(), 1 << 20)) {
      signal.throwIfAborted();
      hash.update(block);
      await handle.writeFile(block);
    }
  } catch (error) {
    throw fileError('writing file', file, error, 'BuildError');
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

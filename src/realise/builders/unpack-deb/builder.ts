/**
 * builtin:unpack-deb: lays Debian packages out as one store path that works on its own.
 *
 *   .deb ─ read-deb ─▶ entries ─ layout ─▶ tree ─ fixups, alternatives ─ links ─ scripts and text ─ ELF files ─▶ disk
 *
 * Everything happens in memory and in this process, with no program run and nothing asked of the operating system, so
 * the result is the same on every host. Parameters: parameters.ts. Reasons and figures: docs/decisions on the set.
 */

import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { BuildContext, BuiltinBuilder } from '../../builtin.ts';
import { linkDestination, normalizePath } from '../relative-path.ts';
import { StoreView } from '../store-view.ts';
import { writeDirectory, writeHardLink, writeRegularFile, writeSymbolicLink } from '../write-tree.ts';
import { findAlternatives } from './alternatives.ts';
import { Dependencies } from './dependencies.ts';
import { rewriteDevelopmentFiles } from './development-files.ts';
import { rewriteElfFiles } from './elf-files.ts';
import { fixupNamed } from './fixups/table.ts';
import { outputPath } from './layout.ts';
import { rewriteLinks } from './links.ts';
import { danglingHardLink, existingLink } from './messages.ts';
import { readParameters, type UnpackDebParameters } from './parameters.ts';
import { resolvePathReplacements } from './path-replacements.ts';
import { pathMatcher } from './patterns.ts';
import { addModulePaths } from './python-programs.ts';
import { type Deb, readDeb } from './read-deb.ts';
import { rewriteShebangs } from './shebangs.ts';
import { rewriteTextPaths } from './text-paths.ts';
import { Tree, type TreeNode } from './tree.ts';

export const unpackDeb: BuiltinBuilder = { name: 'unpack-deb', threaded: true, build };

/** Only Debian's own archive looks at it. */
const neverUseful = ['share/lintian'];

async function build(context: BuildContext): Promise<void> {
  const parameters = readParameters(context.attrs);
  const { triplet } = parameters;
  const out = context.outputs.get('out')!;
  const log = (line: string) => context.log(line);
  const fixups = parameters.fixups.map(fixupNamed);
  const tree = new Tree();
  const removed = pathMatcher([...parameters.remove, ...neverUseful]);
  const view = new StoreView(context);
  const dependencies = new Dependencies(view, parameters.dependencies, triplet);
  const scripts: { from: string; script: string }[] = [];
  for (const { file } of parameters.debs) {
    const label = file.slice(file.lastIndexOf('/') + 1);
    const deb = await readDeb(await readFile(context.physical(file)), label);
    context.signal.throwIfAborted();
    addEntries(tree, deb, label, { triplet, removed, log });
    scripts.push({ from: label, script: deb.control.get('postinst')?.toString() ?? '' });
  }
  for (const { from, script } of scripts) addAlternatives(tree, script, from, { triplet, log });
  for (const fixup of fixups) fixup.apply({ tree, out, log });
  for (const [path] of tree.entries()) if (removed(path)) tree.leaveOut(path);
  addLinks(tree, parameters);
  rewriteLinks(tree, { dependencies, removed, log });
  tree.prune();
  rewriteShebangs(tree, { out, triplet, dependencies, interpreters: parameters.interpreters });
  addModulePaths(tree, { out, pythonPath: parameters.pythonPath, view });
  const replacements = resolvePathReplacements(tree, { out, parameters, dependencies, log });
  rewriteTextPaths(tree, { out, triplet, replacements });
  rewriteDevelopmentFiles(tree, { out, triplet, dependencies });
  await rewriteElfFiles(tree, { out, parameters, dependencies, replacements, log });
  if (parameters.propagated.length > 0) addPropagated(tree, parameters.propagated);
  context.signal.throwIfAborted();
  await writeTree(tree, context.physical(out));
}

interface MergeContext {
  readonly triplet: string;
  readonly removed: (path: string) => boolean;
  log(line: string): void;
}

function addEntries(tree: Tree, deb: Deb, from: string, { triplet, removed, log }: MergeContext): void {
  const added = new Map<string, TreeNode>(); // by the package's own path: what a hard link refers to
  for (const entry of deb.entries) {
    const path = outputPath(entry.path, triplet);
    let node: TreeNode | undefined;
    switch (entry.kind) {
      case 'directory':
        // Directories for the administrator's own files are empty in every package.
        node = path === 'local' || path.startsWith('local/') ? undefined : { kind: 'directory' };
        break;
      case 'file':
        if ((entry.mode & 0o6000) !== 0) log(`${path}: the store knows no set-user-ID and set-group-ID bits: dropped`);
        node = { kind: 'file', data: entry.data, executable: (entry.mode & 0o100) !== 0, from };
        break;
      case 'link': {
        const destination = outputPath(linkDestination(entry.path, entry.text), triplet);
        // A compatibility link (/sbin/ip -> /bin/ip) becomes the file itself.
        if (destination !== path) node = { kind: 'link', text: entry.text, destination, from };
        break;
      }
      case 'hardLink':
        node = added.get(entry.destination);
        if (!node) throw danglingHardLink(from, entry.path, entry.destination);
        break;
    }
    if (!node) continue;
    added.set(entry.path, node);
    // It stays for the fixups, but cannot collide.
    if (removed(path) && tree.get(path)) continue;
    tree.add(path, node);
  }
}

function addAlternatives(
  tree: Tree,
  script: string,
  from: string,
  { triplet, log }: Omit<MergeContext, 'removed'>,
): void {
  const { alternatives, skipped } = findAlternatives(script);
  for (const call of skipped) log(`${from}: not understood, left out: update-alternatives ${call}`);
  for (const { link, path } of alternatives) {
    const linkPath = outputPath(link, triplet);
    const destination = outputPath(path, triplet);
    // Slaves are mostly manual pages, which may have been left out.
    if (linkPath === destination || !tree.follow(destination) || tree.get(linkPath)) continue;
    tree.add(linkPath, { kind: 'link', text: `/${path}`, destination, from });
  }
}

function addLinks(tree: Tree, { links }: UnpackDebParameters): void {
  for (const [given, text] of links) {
    const path = normalizePath(given);
    if (tree.get(path)?.kind === 'link') tree.delete(path);
    if (tree.get(path)) throw existingLink(path);
    tree.add(path, { kind: 'link', text, destination: undefined, from: 'links' });
  }
}

function addPropagated(tree: Tree, storePaths: readonly string[]): void {
  const data = Buffer.from(`${storePaths.join(' ')}\n`);
  tree.add('nix-support/propagated-build-inputs', { kind: 'file', data, executable: false, from: 'propagated' });
}

const BYTES_PER_TURN = 8 << 20;

async function writeTree(tree: Tree, out: string): Promise<void> {
  const written = new Map<TreeNode, string>();
  let bytes = 0;
  writeDirectory(out);
  for (const [path, node] of tree.entries()) {
    const target = `${out}/${path}`;
    const first = written.get(node);
    if (node.kind === 'directory') writeDirectory(target);
    else if (node.kind === 'link') writeSymbolicLink(target, node.text);
    else if (first !== undefined) writeHardLink(first, target);
    else {
      writeRegularFile(target, node.data, node.executable);
      written.set(node, target);
      bytes += node.data.length;
    }
    if (bytes > BYTES_PER_TURN) {
      bytes = 0;
      await setImmediate(); // progress, downloads and other builds go on meanwhile
    }
  }
}

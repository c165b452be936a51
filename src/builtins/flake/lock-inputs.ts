/**
 * Locking: from a flake's inputs, and what its flake.lock says of them, to a graph in which each has one source for good.
 * An input whose reference is still the one in the lock file keeps its lock and is not fetched; only what is new or has
 * changed is. Nothing is written: what would change in the lock file is told in a warning.
 *
 * - `inputs.a.inputs.b` overrides input b of input a, for all of the graph below; the outermost flake wins.
 * - `follows` is a path from the root; it is resolved when everything is there.
 * - A relative `path:` starts at the directory of the flake that says it.
 */
import { decodeBytes } from '../../base/bytes.ts';
import { NixError } from '../../errors/nix-error.ts';
import { NO_POS } from '../../errors/position.ts';
import { renderWarning } from '../../errors/render.ts';
import { warning } from '../../errors/warning.ts';
import { traced } from '../../runtime/coerce.ts';
import type { EvalContext } from '../../runtime/eval-context.ts';
import { canonicalPath, parentPath } from '../../runtime/path-text.ts';
import { parseFlakeReference, printFlakeReference, type SourceAttributes } from '../flake-reference.ts';
import { type FlakeFile, type FlakeInput, type FlakeInputs, type InputPath, readFlakeFile } from './flake-file.ts';
import {
  allInputs,
  comparePaths,
  describeChanges,
  findInput,
  LockNode,
  parseLockFile,
  sameLocks,
  sameSource,
  sortedInputs,
} from './lock-file.ts';
import { lookUpSource, type RegistryUse } from './registries.ts';
import { type FetchedSource, fetchSource, isLocked, isRelative } from './sources.ts';

export interface LockedFlake {
  readonly root: LockNode;
  readonly source: FetchedSource;
  /** The lock file does not say what was locked. */
  readonly changed: boolean;
  /** Directories of the nodes that had to be fetched to find out their inputs. */
  readonly directories: ReadonlyMap<LockNode, string>;
}

interface OpenedFlake {
  readonly file: FlakeFile;
  readonly source: FetchedSource;
}

/** A flake with the source that it is in; `dir` is part of both references. */
export function openFlake(
  ctx: EvalContext,
  reference: SourceAttributes,
  registries: RegistryUse,
  at: InputPath,
): OpenedFlake {
  const { dir = '', ...resolved } = lookUpSource(ctx, reference, registries);
  const inside = dir === '' ? '' : `/${dir}`;
  const shown = dir === '' ? resolved : { ...resolved, dir };
  let source = fetchSource(ctx, resolved);
  const read = () => readFlakeFile(ctx, canonicalPath(`${source.storePath}${inside}/flake.nix`), shown, at);
  let file = read();
  const { self } = file;
  for (const name of Object.keys(self))
    if (name !== 'submodules' && name !== 'lfs')
      throw new NixError(`flake 'self' attribute '${name}' is not supported`, { class: 'Error' });
  if (Object.entries(self).some(([name, value]) => source.attrs[name] !== value)) {
    const { narHash: _narHash, ...attrs } = source.attrs;
    source = fetchSource(ctx, { ...attrs, ...self });
    file = read();
  }
  return { file, source: dir === '' ? source : { ...source, attrs: { ...source.attrs, dir } } };
}

export function lockFlake(ctx: EvalContext, { file, source }: OpenedFlake, shown: SourceAttributes): LockedFlake {
  try {
    const locking = new Locking(ctx);
    const before = readLockFile(ctx, file);
    const root = locking.lock(file, before);
    const changed = !sameLocks(before, root);
    if (changed) {
      const changes = describeChanges(before, root);
      const message = `not writing modified lock file of flake '${printFlakeReference(shown)}':\n${changes}`;
      ctx.host.message('warning', renderWarning(warning(message)));
    }
    return { root, source, changed, directories: locking.directories };
  } catch (error) {
    throw traced(error, `while updating the lock file of flake '${printFlakeReference(source.attrs)}'`, NO_POS);
  }
}

function readLockFile(ctx: EvalContext, { path }: FlakeFile): LockNode {
  const file = `${parentPath(path)}/flake.lock`;
  if (ctx.host.fileType(file) === undefined) return new LockNode();
  return parseLockFile(ctx, decodeBytes(ctx.host.readFile(file)), file);
}

interface Override {
  readonly input: FlakeInput;
  /** flake.nix of the flake that overrides, and its place. */
  readonly file: string;
  readonly parent: InputPath;
}

interface Step {
  readonly inputs: FlakeInputs;
  readonly node: LockNode;
  readonly at: InputPath;
  readonly oldNode: LockNode | undefined;
  /** Where `follows` of the lock file starts. */
  readonly followsFrom: InputPath;
  /** flake.nix that relative paths are relative to. */
  readonly file: string;
  /** The inputs come out of the lock file, not out of a flake. */
  readonly trusted: boolean;
}

class Locking {
  readonly directories = new Map<LockNode, string>();
  private readonly ctx: EvalContext;
  private readonly registries: RegistryUse;
  private readonly overrides = new Map<string, Override & { readonly at: InputPath }>();
  private readonly parents: SourceAttributes[] = [];

  constructor(ctx: EvalContext) {
    this.ctx = ctx;
    this.registries = registriesOf(ctx, 'global');
  }

  lock(file: FlakeFile, before: LockNode): LockNode {
    const root = new LockNode();
    this.directories.set(root, parentPath(file.path));
    const { inputs, path } = file;
    this.step({ inputs, node: root, at: [], oldNode: before, followsFrom: [], file: path, trusted: false });
    for (const [at, edge] of allInputs(root))
      if (!(edge instanceof LockNode) && edge.length > 0 && findInput(root, edge) === undefined)
        throw new NixError(`input '${at.join('/')}' follows a non-existent input '${edge.join('/')}'`, {
          class: 'Error',
        });
    return root;
  }

  private step(step: Step): void {
    const { inputs, at, file } = step;
    for (const [name, input] of sortedInputs(inputs)) this.addOverrides(input, [...at, name], file, at);
    for (const override of [...this.overrides.values()].sort((a, b) => comparePaths(a.at, b.at))) {
      const name = override.at.at(-1)!;
      if (comparePaths(override.at.slice(0, -1), at) === 0 && !inputs.has(name)) {
        const message = `input '${at.join('/')}' has an override for a non-existent input '${name}'`;
        this.ctx.host.message('warning', renderWarning(warning(message)));
      }
    }
    for (const [name, input] of sortedInputs(inputs)) {
      try {
        this.input(step, name, input);
      } catch (error) {
        throw traced(error, `while updating the flake input '${[...at, name].join('/')}'`, NO_POS);
      }
    }
  }

  /** The first that overrides an input wins: flakes are gone through from the outermost. */
  private addOverrides(input: FlakeInput, at: InputPath, file: string, parent: InputPath): void {
    for (const [name, override] of sortedInputs(input.overrides)) {
      const path = [...at, name];
      const key = JSON.stringify(path);
      if ((override.ref || override.follows) && !this.overrides.has(key))
        this.overrides.set(key, { input: override, at: path, file, parent });
      this.addOverrides(override, path, file, parent);
    }
  }

  private input(step: Step, name: string, own: FlakeInput): void {
    const { node, oldNode } = step;
    const at = [...step.at, name];
    const override = this.overrides.get(JSON.stringify(at));
    const input = override ? { ...override.input, isFlake: own.isFlake } : own;
    if (input.follows) {
      node.inputs.set(name, input.follows);
      return;
    }
    const original = input.ref ?? parseFlakeReference(`flake:${name}`);
    const relative = isRelative(original);
    const parent = relative ? (override ? override.parent : step.at) : undefined;
    const place: Place = { at, file: override ? override.file : step.file, original };
    const old = oldNode?.inputs.get(name);
    const lock = old instanceof LockNode ? old.lock : undefined;
    if (
      old instanceof LockNode &&
      lock &&
      sameSource(canonical(lock.original), canonical(original)) &&
      samePath(lock.parent, parent)
    ) {
      const child = new LockNode(lock);
      node.inputs.set(name, child);
      this.keep(step, child, old, place);
      return;
    }
    if (this.ctx.settings.pureEval && !isLocked(original) && !relative)
      throw new NixError(`cannot update unlocked flake input '${at.join('/')}' in pure mode`, { class: 'Error' });
    if (!input.isFlake) {
      const { directory, locked } = this.source(original, place);
      const child = new LockNode({ locked, original, isFlake: false, parent });
      this.directories.set(child, directory);
      node.inputs.set(name, child);
      return;
    }
    const { file, locked } = this.flake(original, place);
    const child = new LockNode({ locked, original, isFlake: true, parent });
    node.inputs.set(name, child);
    const circle = this.parents.find((one) => sameSource(one, original));
    if (circle)
      throw new NixError(`found circular import of flake '${printFlakeReference(circle)}'`, { class: 'Error' });
    this.parents.push(original);
    this.directories.set(child, parentPath(file.path));
    const lockFile = readLockFile(this.ctx, file);
    const { inputs, path } = file;
    this.step({ inputs, node: child, at, oldNode: lockFile, followsFrom: at, file: path, trusted: false });
    this.parents.pop();
  }

  /** A lock that still holds: its inputs are those of the lock file, unless an override is gone that they came from. */
  private keep(step: Step, child: LockNode, old: LockNode, place: Place): void {
    const { at } = place;
    const { followsFrom, trusted } = step;
    const inputs = new Map<string, FlakeInput>();
    for (const [name, target] of sortedInputs(old.inputs)) {
      if (target instanceof LockNode) {
        const { original, isFlake } = target.lock!;
        inputs.set(name, { ref: original, follows: undefined, isFlake, overrides: new Map() });
        continue;
      }
      if (!trusted && !this.overrides.has(JSON.stringify([...at, name]))) {
        const { file } = this.flake(old.lock!.locked, place);
        this.directories.set(child, parentPath(file.path));
        this.step({
          inputs: file.inputs,
          node: child,
          at,
          oldNode: old,
          followsFrom,
          file: file.path,
          trusted: false,
        });
        return;
      }
      const follows = [...followsFrom, ...target];
      inputs.set(name, { ref: undefined, follows, isFlake: true, overrides: new Map() });
    }
    this.step({ inputs, node: child, at, oldNode: old, followsFrom, file: step.file, trusted: true });
  }

  private flake(ref: SourceAttributes, { at, file, original }: Place): { file: FlakeFile; locked: SourceAttributes } {
    if (!isRelative(original)) {
      const opened = openFlake(this.ctx, ref, this.registries, at);
      return { file: opened.file, locked: opened.source.attrs };
    }
    const inside = typeof ref.dir === 'string' && ref.dir !== '' ? `/${ref.dir}` : '';
    const path = canonicalPath(`${parentPath(file)}/${original.path}${inside}/flake.nix`);
    return { file: readFlakeFile(this.ctx, path, ref, at), locked: ref };
  }

  /** An input that is no flake. */
  private source(ref: SourceAttributes, { file }: Place): { directory: string; locked: SourceAttributes } {
    if (isRelative(ref)) return { directory: canonicalPath(`${parentPath(file)}/${ref.path}`), locked: ref };
    const { dir, ...resolved } = lookUpSource(this.ctx, ref, this.registries);
    const { storePath, attrs } = fetchSource(this.ctx, resolved);
    return { directory: storePath, locked: dir === undefined ? attrs : { ...attrs, dir } };
  }
}

interface Place {
  readonly at: InputPath;
  readonly file: string;
  readonly original: SourceAttributes;
}

export function registriesOf(ctx: EvalContext, use: RegistryUse): RegistryUse {
  return ctx.settings.pureEval || ctx.settings.useRegistries === false ? 'none' : use;
}

function samePath(a: InputPath | undefined, b: InputPath | undefined): boolean {
  return a === undefined || b === undefined ? a === b : comparePaths(a, b) === 0;
}

/** Old lock files have `dir` in the URL, too. */
function canonical(ref: SourceAttributes): SourceAttributes {
  const { url, dir } = ref;
  if (typeof url !== 'string' || typeof dir !== 'string') return ref;
  const [address, query] = url.split('?');
  if (query === undefined) return ref;
  const rest = query.split('&').filter((parameter) => parameter !== `dir=${dir}`);
  return { ...ref, url: rest.length === 0 ? address! : `${address}?${rest.join('&')}` };
}

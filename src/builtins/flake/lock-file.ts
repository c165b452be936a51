/**
 * The graph of a flake's inputs, each with the source that it is locked to, and its form in `flake.lock`:
 *
 *     { "version": 7, "root": KEY, "nodes": { KEY: { "inputs": { NAME: KEY | [NAME ...] }, "locked": { ... },
 *       "original": { ... }, "flake": false ?, "parent": [NAME ...] ? } } }
 *
 * A list instead of a key means: the same as the input at that path from the root ("follows").
 */
import { compareBytewise } from '../../base/order.ts';
import { NixError } from '../../errors/nix-error.ts';
import { renderWarning } from '../../errors/render.ts';
import { warning } from '../../errors/warning.ts';
import type { EvalContext } from '../../runtime/eval-context.ts';
import { checkedSource, printFlakeReference, type SourceAttributes } from '../flake-reference.ts';
import type { InputPath } from './flake-file.ts';
import { isLocked, isRelative } from './sources.ts';

export interface Lock {
  readonly locked: SourceAttributes;
  readonly original: SourceAttributes;
  readonly isFlake: boolean;
  /** Where a relative `locked` starts: the flake at this path. */
  readonly parent: InputPath | undefined;
}

export class LockNode {
  readonly inputs = new Map<string, LockNode | InputPath>();
  /** Absent in the root. */
  readonly lock: Lock | undefined;

  constructor(lock?: Lock) {
    this.lock = lock;
  }
}

/** By name. */
export function sortedInputs<T>(inputs: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...inputs].sort(([a], [b]) => compareBytewise(a, b));
}

interface NodeJson {
  readonly inputs?: Readonly<Record<string, string | InputPath>>;
  readonly locked?: SourceAttributes;
  readonly info?: SourceAttributes;
  readonly original?: SourceAttributes;
  readonly flake?: boolean;
  readonly parent?: InputPath;
}

/** `path` is for messages. Gives the root. */
export function parseLockFile(ctx: EvalContext, text: string, path: string): LockNode {
  let json: { readonly version?: number; readonly root: string; readonly nodes: Readonly<Record<string, NodeJson>> };
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new NixError(`Could not parse '${path}': ${(error as Error).message}`, { class: 'Error' });
  }
  const { version = 0, root: rootKey, nodes } = json;
  if (version < 5 || version > 7)
    throw new NixError(`lock file '${path}' has unsupported version ${version}`, { class: 'Error' });
  const root = new LockNode();
  const known = new Map<string, LockNode>([[rootKey, root]]);
  const waiting: [LockNode, NodeJson][] = [[root, nodes[rootKey] ?? {}]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, { inputs = {} }] = next;
    for (const [name, target] of Object.entries(inputs)) {
      if (typeof target !== 'string') {
        node.inputs.set(name, target);
        continue;
      }
      let child = known.get(target);
      if (child === root) throw new NixError('lock file contains cycle to root node', { class: 'Error' });
      if (child === undefined) {
        const found = nodes[target];
        if (found === undefined)
          throw new NixError(`lock file references missing node '${target}'`, { class: 'Error' });
        child = new LockNode(lockOf(ctx, found));
        known.set(target, child);
        waiting.push([child, found]);
      }
      node.inputs.set(name, child);
    }
  }
  return root;
}

function lockOf(ctx: EvalContext, { locked, info, original, flake = true, parent }: NodeJson): Lock {
  for (const [name, source] of Object.entries({ locked, original }))
    if (source === undefined) throw new NixError(`attribute '${name}' missing in lock file`, { class: 'Error' });
  const lock: Lock = {
    locked: checkedSource({ ...locked, ...info }),
    original: checkedSource(original!),
    isFlake: flake,
    parent,
  };
  if (!isLocked(lock.locked) && !isRelative(lock.locked)) {
    if (lock.locked.narHash === undefined)
      throw new NixError(
        `Lock file contains unlocked input '${JSON.stringify(withoutDirectory(lock.locked))}'. Use '--allow-dirty-locks' to accept this lock file.`,
        { class: 'Error' },
      );
    const message = `Lock file entry '${printFlakeReference(lock.locked)}' is unlocked (e.g. lacks a Git revision) but is checked by NAR hash. This is not reproducible and will break after garbage collection or when shared.`;
    ctx.host.message('warning', renderWarning(warning(message)));
  }
  return lock;
}

/** Attributes by name, as JSON shows them. */
function withoutDirectory({ dir: _dir, ...attrs }: SourceAttributes): SourceAttributes {
  return Object.fromEntries(sortedInputs(new Map(Object.entries(attrs))));
}

/** The nodes, each under the name of the input that led to it first. */
export function keysOf(root: LockNode): Map<LockNode, string> {
  const keys = new Map<LockNode, string>();
  const used = new Set<string>();
  const visit = (name: string, node: LockNode) => {
    if (keys.has(node)) return;
    let key = name;
    for (let n = 2; used.has(key); n++) key = `${name}_${n}`;
    used.add(key);
    keys.set(node, key);
    for (const [input, child] of sortedInputs(node.inputs)) if (child instanceof LockNode) visit(input, child);
  };
  visit('root', root);
  return keys;
}

/** The node at a path from the root, where what is followed is followed; undefined where there is none. */
export function findInput(root: LockNode, path: InputPath, visited: InputPath[] = []): LockNode | undefined {
  const shown = path.join('/');
  const before = visited.findIndex((one) => one.join('/') === shown);
  if (before >= 0) {
    const cycle = [...visited.slice(before), path].map((one) => one.join('/'));
    throw new NixError(`follow cycle detected: [${cycle.join(' -> ')}]`, { class: 'Error' });
  }
  visited.push(path);
  let node: LockNode | undefined = root;
  for (const name of path) {
    const child: LockNode | InputPath | undefined = node.inputs.get(name);
    node = child instanceof LockNode || child === undefined ? child : findInput(root, child, visited);
    if (node === undefined) return undefined;
  }
  return node;
}

type Edges = (readonly [InputPath, LockNode | InputPath])[];

/** All inputs by their paths; those of one node under the first path only. */
export function allInputs(root: LockNode): Edges {
  const edges: [InputPath, LockNode | InputPath][] = [];
  const done = new Set<LockNode>();
  const visit = (prefix: InputPath, node: LockNode) => {
    if (done.has(node)) return;
    done.add(node);
    for (const [name, child] of sortedInputs(node.inputs)) {
      edges.push([[...prefix, name], child]);
      if (child instanceof LockNode) visit([...prefix, name], child);
    }
  };
  visit([], root);
  return edges.sort(([a], [b]) => comparePaths(a, b));
}

export function comparePaths(a: InputPath, b: InputPath): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareBytewise(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** What locking has changed, a line or two each; '' where nothing has. */
export function describeChanges(before: LockNode, after: LockNode): string {
  const old = new Map(allInputs(before).map(([path, edge]) => [path.join('/'), edge]));
  const changes: { readonly path: InputPath; readonly text: string }[] = [];
  for (const [path, edge] of allInputs(after)) {
    const shown = path.join('/');
    const previous = old.get(shown);
    old.delete(shown);
    if (previous === undefined) changes.push({ path, text: `• Added input '${shown}':\n    ${describeEdge(edge)}` });
    else if (describeEdge(previous) !== describeEdge(edge) || !sameEdge(previous, edge))
      changes.push({
        path,
        text: `• Updated input '${shown}':\n    ${describeEdge(previous)}\n  → ${describeEdge(edge)}`,
      });
  }
  for (const shown of old.keys()) changes.push({ path: shown.split('/'), text: `• Removed input '${shown}'` });
  changes.sort((a, b) => comparePaths(a.path, b.path));
  return changes.map(({ text }) => text).join('\n');
}

function describeEdge(edge: LockNode | InputPath): string {
  if (!(edge instanceof LockNode)) return `follows '${edge.join('/')}'`;
  const { locked } = edge.lock!;
  const time = locked.lastModified;
  const day = time === undefined ? '' : ` (${new Date(Number(time) * 1000).toISOString().slice(0, 10)})`;
  return `'${printFlakeReference(locked)}'${day}`;
}

function sameEdge(a: LockNode | InputPath, b: LockNode | InputPath): boolean {
  if (a instanceof LockNode) return b instanceof LockNode && sameSource(a.lock!.locked, b.lock!.locked);
  return !(b instanceof LockNode) && comparePaths(a, b) === 0;
}

export function sameSource(a: SourceAttributes, b: SourceAttributes): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Do both say the same, flakes and originals included? */
export function sameLocks(a: LockNode, b: LockNode): boolean {
  return JSON.stringify(lockFileJson(a)) === JSON.stringify(lockFileJson(b));
}

function lockFileJson(root: LockNode): unknown {
  const keys = keysOf(root);
  return [...keys].map(([node, key]) => [
    key,
    sortedInputs(node.inputs).map(([name, child]) => [name, child instanceof LockNode ? keys.get(child) : child]),
    node.lock && [
      Object.entries(node.lock.locked).sort(([x], [y]) => compareBytewise(x, y)),
      Object.entries(node.lock.original).sort(([x], [y]) => compareBytewise(x, y)),
      node.lock.isFlake,
      node.lock.parent,
    ],
  ]);
}

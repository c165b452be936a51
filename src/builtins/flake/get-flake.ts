/**
 * `builtins.getFlake`: a flake's outputs, applied to the outputs of its inputs. Which sources those are is settled first
 * (lock-inputs.ts); each is fetched when something of it is wanted. The knot between a flake and itself (`self`), and
 * between flakes, is tied in Nix (eval/internal-files.ts, call-flake.nix), which gets of each node
 *
 *     { sourceInfo | parent, path; dir; isFlake; inputs.NAME = KEY; }
 */
import { splitStorePath } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { NO_POS } from '../../errors/position.ts';
import { type Attrs, AttrsBuilder } from '../../runtime/attrs.ts';
import { forceStringNoContext } from '../../runtime/coerce.ts';
import type { EvalContext } from '../../runtime/eval-context.ts';
import { call2 } from '../../runtime/function.ts';
import { force, lazy } from '../../runtime/thunk.ts';
import { NixPath, type Slot, type Value } from '../../runtime/value.ts';
import { realisePath } from '../access.ts';
import { parseFlakeReference, type SourceAttributes } from '../flake-reference.ts';
import { readFlakeFile } from './flake-file.ts';
import { findInput, keysOf, LockNode, sortedInputs } from './lock-file.ts';
import { type LockedFlake, lockFlake, openFlake, registriesOf } from './lock-inputs.ts';
import { type FetchedSource, fetchSource, isLocked, isRelative, treeAttrs } from './sources.ts';

export function getFlake(ctx: EvalContext, arg: Slot): Value {
  const value = force(arg, NO_POS);
  if (value instanceof NixPath) return callFlake(ctx, lockDirectory(ctx, realisePath(ctx, value)));
  const text = forceStringNoContext(value, NO_POS, 'while evaluating the argument passed to builtins.getFlake');
  const reference = parseFlakeReference(text);
  if (ctx.settings.pureEval && !isLocked(reference))
    throw new NixError(
      `cannot call 'getFlake' on unlocked flake reference '${text}', at «none»:0 (use --impure to override)`,
      { class: 'Error' },
    );
  const opened = openFlake(ctx, reference, registriesOf(ctx, 'all'), []);
  return callFlake(ctx, lockFlake(ctx, opened, reference));
}

/** A directory of a tree that is in the store already. */
function lockDirectory(ctx: EvalContext, directory: string): LockedFlake {
  const reference: SourceAttributes = { type: 'indirect', id: 'get-flake' };
  const file = readFlakeFile(ctx, `${directory}/flake.nix`, reference, []);
  return lockFlake(ctx, { file, source: { storePath: directory, attrs: reference } }, reference);
}

function callFlake(ctx: EvalContext, flake: LockedFlake): Value {
  const keys = keysOf(flake.root);
  const nodes = new AttrsBuilder();
  for (const [node, key] of keys) nodes.set(key, describeNode(ctx, flake, node, keys));
  return call2(ctx.internalFile('call-flake.nix'), nodes.build(), keys.get(flake.root)!, NO_POS);
}

function describeNode(
  ctx: EvalContext,
  { root, source, changed, directories }: LockedFlake,
  node: LockNode,
  keys: ReadonlyMap<LockNode, string>,
): Attrs {
  const { lock } = node;
  const attrs = lock?.locked ?? source.attrs;
  const described = new AttrsBuilder();
  const directory = directories.get(node);
  const { dir = '', ...plain } = attrs;
  let inside = String(dir);
  if (directory !== undefined) {
    const inStore = splitStorePath(directory, ctx.host.store.storeDir);
    if (inStore === undefined) throw new NixError(`path '${directory}' is not in the Nix store`, { class: 'Error' });
    const tree: FetchedSource = { storePath: inStore.storePath, attrs: plain };
    described.set('sourceInfo', treeAttrs(tree, { dirty: lock === undefined && changed }));
    inside = directory.slice(inStore.storePath.length + 1);
  } else if (lock && isRelative(lock.locked)) {
    const parent = findInput(root, lock.parent ?? []);
    described.set('parent', keys.get(parent ?? root)!);
    described.set('path', plain.path === '' ? '' : `/${plain.path}`);
  } else
    described.set(
      'sourceInfo',
      lazy(() => treeAttrs(fetchSource(ctx, plain, true))),
    );
  described.set('dir', inside === '' ? '' : `/${inside}`);
  described.set('isFlake', lock?.isFlake ?? true);
  const inputs = new AttrsBuilder();
  for (const [name, child] of sortedInputs(node.inputs)) {
    const target = child instanceof LockNode ? child : findInput(root, child);
    inputs.set(name, keys.get(target ?? root)!);
  }
  return described.set('inputs', inputs.build()).build();
}

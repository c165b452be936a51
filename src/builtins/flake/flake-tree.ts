/** `flake:` in a search path, and as the name of a file: the tree of a flake, which need not have a flake.nix. */
import type { EvalContext } from '../../runtime/eval-context.ts';
import { requireFeature } from '../features.ts';
import { parseFlakeReference } from '../flake-reference.ts';
import { lookUpSource } from './registries.ts';
import { fetchSource } from './sources.ts';

/** `reference`: what is after `flake:`. Gives a path in the store; a `dir` in the reference has no effect. */
export function flakeTree(ctx: EvalContext, reference: string): string {
  requireFeature(ctx, 'flakes');
  const { dir: _, ...source } = lookUpSource(ctx, parseFlakeReference(reference), 'all');
  return fetchSource(ctx, source).storePath;
}

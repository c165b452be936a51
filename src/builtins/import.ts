/** import and scopedImport. A `.drv` file of the store is read as the derivation that it describes. */
import type { DerivationOutput } from '../derivation/derivation.ts';
import { outputPath } from '../derivation/output-paths.ts';
import { downstreamPlaceholder } from '../derivation/placeholder.ts';
import { isDerivationPath, isStorePath } from '../derivation/store-path.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import { Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs } from '../runtime/coerce.ts';
import { encodeContextElement, StringContext } from '../runtime/context.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { force, lazy } from '../runtime/thunk.ts';
import { ContextString, type Slot, type Value } from '../runtime/value.ts';
import { realisePath } from './access.ts';

function importPath(ctx: EvalContext, path: Slot, pos: Pos): Value {
  const file = realisePath(ctx, path);
  return isStoredDerivation(ctx, file) ? importDerivation(ctx, file) : ctx.importFile(file, pos);
}

function scopedImport(ctx: EvalContext, scope: Slot, path: Slot, pos: Pos): Value {
  const file = realisePath(ctx, path);
  if (isStoredDerivation(ctx, file)) return importDerivation(ctx, file);
  const context = 'while evaluating the first argument passed to builtins.scopedImport';
  return ctx.scopedImport(forceAttrs(scope, NO_POS, context), file, pos);
}

function isStoredDerivation(ctx: EvalContext, path: string): boolean {
  const { store } = ctx.host;
  return isDerivationPath(path) && isStorePath(path, store.storeDir) && store.isValidPath(path);
}

/** The set that `derivation` would have given, as far as the file tells. */
function importDerivation(ctx: EvalContext, drvPath: string): Value {
  const drv = ctx.host.store.readDerivation(drvPath);
  const forOutput = (name: string, output: DerivationOutput): Attrs => {
    const context = StringContext.single(encodeContextElement({ kind: 'built', drvPath, output: name }));
    const path = outputPath(output) ?? downstreamPlaceholder(drvPath, name);
    return Attrs.update(common, Attrs.fromObject({ outPath: new ContextString(path, context), outputName: name }));
  };
  const outputs = [...drv.outputs].map(([name, output]) => ({ name, set: lazy(() => forOutput(name, output)) }));
  const builder = new AttrsBuilder();
  for (const { name, set } of outputs) builder.set(name, set);
  const closure = StringContext.single(encodeContextElement({ kind: 'drvDeep', drvPath }));
  const common = builder
    .set(
      'all',
      outputs.map(({ set }) => set),
    )
    .set('drvPath', new ContextString(drvPath, closure))
    .set('name', drv.env.get('name') ?? '')
    .set('type', 'derivation')
    .build();
  return force(outputs[0]!.set);
}

export const importBuiltins: readonly Builtin[] = [
  {
    name: 'import',
    args: ['path'],
    type: 'path → a',
    global: true,
    doc: 'The value of the expression in a file; of a directory, that in its `default.nix`. Each file is evaluated once. The path may be something that has to be built first.',
    example: { expr: 'import (builtins.toFile "a.nix" "1 + 1")', value: '2' },
    run: (ctx, pos, path) => importPath(ctx, path, pos),
  },
  {
    name: 'scopedImport',
    args: ['scope', 'path'],
    type: 'set → path → a',
    global: true,
    doc: 'Like `import`, with the attributes of the set *scope* as variables besides the builtins, or in their place. The file is evaluated anew by each call.',
    example: { expr: 'scopedImport { x = 2; } (builtins.toFile "a.nix" "x + 1")', value: '3' },
    run: (ctx, pos, scope, path) => scopedImport(ctx, scope, path, pos),
  },
];

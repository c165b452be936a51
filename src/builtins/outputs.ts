/** Texts that stand for outputs which are not built yet. */
import { outputPath } from '../derivation/output-paths.ts';
import { downstreamPlaceholder, hashPlaceholder } from '../derivation/placeholder.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceString, forceStringNoContext, traced } from '../runtime/coerce.ts';
import { encodeContextElement, StringContext } from '../runtime/context.ts';
import { contextOf } from '../runtime/context-builder.ts';
import { orderedElements } from '../runtime/context-order.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { ContextString, type Slot, stringText, type Value } from '../runtime/value.ts';

function outputOf(ctx: EvalContext, reference: Slot, outputName: Slot): Value {
  const context = 'while evaluating the first argument to builtins.outputOf';
  const value = forceString(reference, NO_POS, context);
  const text = stringText(value);
  const elements = orderedElements(contextOf(value));
  const [element] = elements;
  const fail = (message: string) => traced(new NixError(message), context, NO_POS);
  if (element === undefined || elements.length !== 1)
    throw fail(`string '${text}' has ${elements.length} entries in its context. It should only have exactly one entry`);
  if (element.kind === 'drvDeep')
    throw fail(
      `string '${text}' has a context which refers to a complete source and binary closure. This is not supported at this time`,
    );
  if (element.kind === 'built')
    throw fail(`outputs of derivations that are themselves outputs ('${text}') are not supported`);
  if (element.path !== text) throw fail(`path string '${text}' has context with the different path '${element.path}'`);
  const output = forceStringNoContext(outputName, NO_POS, 'while evaluating the second argument to builtins.outputOf');
  const known = ctx.host.store.readDerivation(element.path).outputs.get(output);
  if (known === undefined)
    throw new NixError(`derivation '${element.path}' does not have output '${output}'`, { class: 'Error' });
  return new ContextString(
    outputPath(known) ?? downstreamPlaceholder(element.path, output),
    StringContext.single(encodeContextElement({ kind: 'built', drvPath: element.path, output })),
  );
}

export const outputBuiltins: readonly Builtin[] = [
  {
    name: 'placeholder',
    args: ['output'],
    type: 'string → string',
    global: true,
    doc: 'A text that, in the attributes of a derivation, is replaced by the path of that output of it when it is built.',
    example: { expr: 'placeholder "out"', value: '"/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9"' },
    run: (_ctx, _pos, output) =>
      hashPlaceholder(
        forceStringNoContext(output, NO_POS, 'while evaluating the first argument passed to builtins.placeholder'),
      ),
  },
  {
    name: 'outputOf',
    args: ['derivation-reference', 'output-name'],
    type: 'string → string → string',
    feature: 'dynamic-derivations',
    doc: 'The path of an output of a derivation, given the path of the `.drv` file.',
    run: (ctx, _pos, reference, outputName) => outputOf(ctx, reference, outputName),
  },
];

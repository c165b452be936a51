/** String contexts: looking at them, changing them. */
import { isDerivationPath, isStorePath } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { type Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceBool, forceList, forceString, forceStringNoContext } from '../runtime/coerce.ts';
import { coerceToString } from '../runtime/coerce-string.ts';
import { type ContextElement, encodeContextElement, StringContext } from '../runtime/context.ts';
import { ContextBuilder, contextOf, withContext } from '../runtime/context-builder.ts';
import { elementPath, orderedElements } from '../runtime/context-order.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { type Slot, stringText, type Value } from '../runtime/value.ts';

/** The text and its context's elements. Sets and paths are coerced. */
function coerceWithContext(ctx: EvalContext, s: Slot, name: string): { text: string; elements: ContextElement[] } {
  const builder = new ContextBuilder();
  const text = coerceToString(ctx, NO_POS, s, builder, `while evaluating the argument passed to builtins.${name}`);
  return { text, elements: orderedElements(builder.build()) };
}

function withElements(text: string, elements: readonly ContextElement[]): Value {
  return withContext(text, StringContext.of(elements.map(encodeContextElement)));
}

function unsafeDiscardOutputDependency(ctx: EvalContext, s: Slot): Value {
  const { text, elements } = coerceWithContext(ctx, s, 'unsafeDiscardOutputDependency');
  return withElements(
    text,
    elements.map((e) => (e.kind === 'drvDeep' ? { kind: 'opaque', path: e.drvPath } : e)),
  );
}

function addDrvOutputDependencies(ctx: EvalContext, s: Slot): Value {
  const { text, elements } = coerceWithContext(ctx, s, 'addDrvOutputDependencies');
  const [element] = elements;
  if (element === undefined || elements.length !== 1)
    throw new NixError(`context of string '${text}' must have exactly one element, but has ${elements.length}`);
  if (element.kind === 'built')
    throw new NixError(
      `\`addDrvOutputDependencies\` can only act on derivations, not on a derivation output such as '${element.output}'`,
    );
  if (element.kind === 'opaque' && !isDerivationPath(element.path))
    throw new NixError(`path '${element.path}' is not a derivation`);
  return withElements(text, [{ kind: 'drvDeep', drvPath: elementPath(element) }]);
}

function getContext(s: Slot): Value {
  const value = forceString(s, NO_POS, 'while evaluating the argument passed to builtins.getContext');
  const infos = new Map<string, { path: boolean; allOutputs: boolean; outputs: string[] }>();
  for (const element of orderedElements(contextOf(value))) {
    const path = elementPath(element);
    let info = infos.get(path);
    if (!info) infos.set(path, (info = { path: false, allOutputs: false, outputs: [] }));
    if (element.kind === 'opaque') info.path = true;
    else if (element.kind === 'drvDeep') info.allOutputs = true;
    else info.outputs.push(element.output);
  }
  const result = new AttrsBuilder();
  for (const [path, info] of infos) {
    const entry = new AttrsBuilder();
    if (info.path) entry.set('path', true);
    if (info.allOutputs) entry.set('allOutputs', true);
    if (info.outputs.length > 0) entry.set('outputs', info.outputs);
    result.set(path, entry.build());
  }
  return result.build();
}

function appendContext(ctx: EvalContext, s: Slot, context: Slot): Value {
  const value = forceString(s, NO_POS, 'while evaluating the first argument passed to builtins.appendContext');
  const attrs = forceAttrs(context, NO_POS, 'while evaluating the second argument passed to builtins.appendContext');
  const builder = new ContextBuilder();
  builder.add(contextOf(value));
  attrs.forEach((path, slot, pos) => {
    if (!isStorePath(path, ctx.host.store.storeDir))
      throw new NixError(`context key '${path}' is not a store path`, { pos });
    ctx.host.store.ensurePath(path);
    const entry = forceAttrs(slot, pos, 'while evaluating the value of a string context');
    for (const element of contextElements(path, entry, pos)) builder.addElement(encodeContextElement(element));
  });
  return builder.string(stringText(value));
}

function contextElements(path: string, entry: Attrs, pos: number): ContextElement[] {
  const elements: ContextElement[] = [];
  const flag = (name: string): boolean => {
    const slot = entry.get(name);
    const context = `while evaluating the \`${name}\` attribute of a string context`;
    return slot !== undefined && forceBool(slot, entry.pos(name), context);
  };
  if (flag('path')) elements.push({ kind: 'opaque', path });
  if (flag('allOutputs')) {
    if (!isDerivationPath(path))
      throw new NixError(`tried to add all-outputs context of ${path}, which is not a derivation, to a string`, {
        pos,
      });
    elements.push({ kind: 'drvDeep', drvPath: path });
  }
  const slot = entry.get('outputs');
  if (slot === undefined) return elements;
  const at = entry.pos('outputs');
  const outputs = forceList(slot, at, 'while evaluating the `outputs` attribute of a string context');
  if (outputs.length > 0 && !isDerivationPath(path))
    throw new NixError(`tried to add derivation output context of ${path}, which is not a derivation, to a string`, {
      pos,
    });
  for (const name of outputs) {
    const output = forceStringNoContext(name, at, 'while evaluating an output name within a string context');
    elements.push({ kind: 'built', drvPath: path, output });
  }
  return elements;
}

export const contextBuiltins: readonly Builtin[] = [
  {
    name: 'hasContext',
    args: ['s'],
    type: 'string → bool',
    doc: 'Does the string speak of store paths?',
    example: { expr: 'builtins.hasContext "text"', value: 'false' },
    run: (_ctx, _pos, s) =>
      typeof forceString(s, NO_POS, 'while evaluating the argument passed to builtins.hasContext') !== 'string',
  },
  {
    name: 'getContext',
    args: ['s'],
    type: 'string → set',
    doc: 'The context of a string as a set: for each store path `path` (the path itself), `allOutputs` (the derivation with its closure) or `outputs` (these outputs of the derivation).',
    example: { expr: 'builtins.getContext "text"', value: '{ }' },
    run: (_ctx, _pos, s) => getContext(s),
  },
  {
    name: 'appendContext',
    args: ['s', 'context'],
    type: 'string → set → string',
    doc: 'The string *s* with a context, in the form that `getContext` gives, besides the one that it has.',
    example: { expr: 'builtins.appendContext "text" { }', value: '"text"' },
    run: (ctx, _pos, s, context) => appendContext(ctx, s, context),
  },
  {
    name: 'unsafeDiscardStringContext',
    args: ['s'],
    type: 'string → string',
    doc: 'The string without its context. Whoever uses it must see to it that what it speaks of is there.',
    example: { expr: 'builtins.unsafeDiscardStringContext "text"', value: '"text"' },
    run: (ctx, _pos, s) => coerceWithContext(ctx, s, 'unsafeDiscardStringContext').text,
  },
  {
    name: 'unsafeDiscardOutputDependency',
    args: ['s'],
    type: 'string → string',
    doc: 'A string that depends on a derivation with its whole closure (a `drvPath`) then depends on the `.drv` file alone.',
    example: { expr: 'builtins.unsafeDiscardOutputDependency "text"', value: '"text"' },
    run: (ctx, _pos, s) => unsafeDiscardOutputDependency(ctx, s),
  },
  {
    name: 'addDrvOutputDependencies',
    args: ['s'],
    type: 'string → string',
    doc: 'The inverse of `unsafeDiscardOutputDependency`: a string that depends on one `.drv` file then depends on the derivation with its whole closure.',
    example: {
      expr: 'let d = derivation { name = "a"; system = "s"; builder = "b"; }; plain = builtins.unsafeDiscardOutputDependency d.drvPath; in builtins.getContext (builtins.addDrvOutputDependencies plain) == builtins.getContext d.drvPath',
      value: 'true',
    },
    run: (ctx, _pos, s) => addDrvOutputDependencies(ctx, s),
  },
];

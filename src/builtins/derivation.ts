/**
 * derivationStrict: from a set to a store derivation. Every attribute becomes a variable of the builder's environment, or
 * with `__structuredAttrs` a member of one JSON object; what their strings speak of becomes the inputs. The result is a set
 * of `drvPath` and the path of each output. This is the hot kernel of evaluating packages.
 *
 * Source: Nix manual, "Derivations" and "Advanced Attributes".
 */

import type { HashAlgorithm } from '../base/hash.ts';
import { compareBytewise, sortBytewise } from '../base/order.ts';
import { parseHashMode } from '../derivation/content-address.ts';
import type { Derivation, DerivationOutput } from '../derivation/derivation.ts';
import type { DerivationInput } from '../derivation/draft.ts';
import { DerivationHashes } from '../derivation/hash-modulo.ts';
import { findHashAlgorithm, parseHashAllowEmpty } from '../derivation/hash-string.ts';
import { completeDerivation, fixedOutput, outputPath } from '../derivation/output-paths.ts';
import { downstreamPlaceholder, hashPlaceholder } from '../derivation/placeholder.ts';
import { storeNameProblem } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos, resolvePosition } from '../errors/position.ts';
import { renderWarning } from '../errors/render.ts';
import { Attrs } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import {
  forceAttrs,
  forceBool,
  forceList,
  forceString,
  forceStringNoContext,
  getAttr,
  traced,
} from '../runtime/coerce.ts';
import { coerceToString, derivationAttribute } from '../runtime/coerce-string.ts';
import { type ContextElement, decodeContextElement, StringContext } from '../runtime/context.ts';
import { ContextBuilder, contextOf } from '../runtime/context-builder.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { printJsonValue } from '../runtime/print-json.ts';
import { Shape } from '../runtime/shape.ts';
import { force } from '../runtime/thunk.ts';
import { ContextString, type Slot, stringText, type Value } from '../runtime/value.ts';
import { requireFeature } from './features.ts';

/** Hashes modulo, per evaluation. */
const hashesOf = new WeakMap<EvalContext, DerivationHashes>();

function hashes(ctx: EvalContext): DerivationHashes {
  let known = hashesOf.get(ctx);
  if (!known) hashesOf.set(ctx, (known = new DerivationHashes((drvPath) => ctx.host.store.readDerivation(drvPath))));
  return known;
}

function derivationStrict(ctx: EvalContext, _pos: Pos, arg: Slot): Value {
  const attrs = forceAttrs(arg, NO_POS, 'while evaluating the argument passed to builtins.derivationStrict');
  const nameSlot = getAttr(attrs, 'name', 'in the attrset passed as argument to builtins.derivationStrict');
  const namePos = attrs.pos('name');
  let name: string;
  try {
    name = forceStringNoContext(
      nameSlot,
      NO_POS,
      'while evaluating the `name` attribute passed to builtins.derivationStrict',
    );
  } catch (error) {
    throw traced(error, "while evaluating the derivation attribute 'name'", namePos);
  }
  try {
    return new Strict(ctx, name, attrs).derive();
  } catch (error) {
    if (error instanceof NixError)
      error.addTrace(
        `while evaluating derivation '${name}'\n  whose name attribute is located at ${showPosition(namePos)}`,
        NO_POS,
        true,
      );
    throw error;
  }
}

function showPosition(pos: Pos): string {
  const position = resolvePosition(pos);
  if (!position) return '«none»';
  const { line, column } = position.source.lineColumn(position.offset);
  return `${position.source.label}:${line}:${column}`;
}

/** One call of derivationStrict: what its attributes have said so far. */
class Strict {
  private readonly ctx: EvalContext;
  private readonly name: string;
  private readonly attrs: Attrs;
  private readonly structured: boolean;
  private readonly ignoreNulls: boolean;
  private readonly context = new ContextBuilder();
  /** The builder's environment: names in byte order, and the value of each. */
  private readonly variables: string[] = [];
  private readonly values: string[] = [];
  private readonly json: string[] = [];
  private readonly args: string[] = [];
  private outputs: ReadonlySet<string> = new Set(['out']);
  private builder = '';
  private system = '';
  private contentAddressed = false;
  private impure = false;
  private outputHash: string | undefined;
  private hashAlgorithm: HashAlgorithm | undefined;
  private hashMode: 'flat' | 'nar' | 'text' | 'git' | undefined;

  constructor(ctx: EvalContext, name: string, attrs: Attrs) {
    const problem = storeNameProblem(name);
    if (problem !== undefined)
      throw new NixError(`invalid derivation name: ${problem}. Please pass a different 'name'.`);
    this.ctx = ctx;
    this.name = name;
    this.attrs = attrs;
    this.structured = this.flag('__structuredAttrs');
    this.ignoreNulls = this.flag('__ignoreNulls');
  }

  private flag(name: string): boolean {
    const slot = this.attrs.get(name);
    if (slot === undefined) return false;
    return forceBool(slot, NO_POS, `while evaluating the \`${name}\` attribute passed to builtins.derivationStrict`);
  }

  derive(): Value {
    const { attrs } = this;
    const order = attrs.sortedIndices();
    const { names } = attrs.shape;
    for (let i = 0; i < order.length; i++) {
      const index = order[i]!;
      const key = names[index]!;
      if (key === '__ignoreNulls') continue;
      try {
        const slot = attrs.at(index);
        if (this.ignoreNulls && force(slot) === null) continue;
        this.attribute(key, slot);
      } catch (error) {
        throw traced(error, `while evaluating attribute '${key}' of derivation '${this.name}'`, attrs.pos(key));
      }
    }
    if (this.structured) this.setVariable('__json', `{${this.json.join(',')}}`);
    const inputs = this.inputs();
    if (this.builder === '') throw new NixError("required attribute 'builder' missing");
    if (this.system === '') throw new NixError("required attribute 'system' missing");
    if (this.name.endsWith('.drv') && !(this.hashMode === 'text' && this.outputs.size === 1 && this.outputs.has('out')))
      throw new NixError("derivation names are allowed to end in '.drv' only if they produce a single derivation file");
    const outputs = this.outputsOf();
    const drv = completeDerivation(
      {
        name: this.name,
        outputs,
        ...inputs,
        system: this.system,
        builder: this.builder,
        args: this.args,
        variables: this.variables,
        values: this.values,
      },
      hashes(this.ctx),
      this.ctx.host.store.storeDir,
    );
    return this.result(drv);
  }

  private attribute(key: string, slot: Slot): void {
    const special = specialAttributes.has(key);
    if (special && this.flagAttribute(key, slot)) return;
    if (this.structured) {
      if (key !== '__structuredAttrs') this.structuredAttribute(key, slot);
      return;
    }
    const text = coerceToString(this.ctx, NO_POS, slot, this.context, '', derivationAttribute);
    if (key === '__json')
      this.warn(
        key,
        "setting structured attributes via '__json' is deprecated, and may be disallowed in future versions of Nix. Set '__structuredAttrs = true' instead.",
      );
    this.variables.push(key);
    this.values.push(text);
    if (!special) return;
    if (key === 'builder') this.builder = text;
    else if (key === 'system') this.system = text;
    else if (key === 'outputs') this.setOutputs(text.split(/[ \t\n\r]+/).filter((word) => word !== ''));
    else if (key.startsWith('outputHash')) this.hashAttribute(key, text);
  }

  /** Those that are no variables, structured or not; false for any other. */
  private flagAttribute(key: string, slot: Slot): boolean {
    switch (key) {
      case '__contentAddressed':
        if (forceBool(slot, NO_POS, '')) {
          requireFeature(this.ctx, 'ca-derivations');
          this.contentAddressed = true;
        }
        return true;
      case '__impure':
        if (forceBool(slot, NO_POS, '')) {
          requireFeature(this.ctx, 'impure-derivations');
          this.impure = true;
        }
        return true;
      case 'args':
        for (const element of forceList(slot, NO_POS, ''))
          this.args.push(
            coerceToString(
              this.ctx,
              NO_POS,
              element,
              this.context,
              'while evaluating an element of the argument list',
              derivationAttribute,
            ),
          );
        return true;
      default:
        return false;
    }
  }

  /** Adds a variable at its place, or replaces the one of that name. */
  private setVariable(name: string, value: string): void {
    const { variables, values } = this;
    let at = variables.length;
    while (at > 0 && compareBytewise(variables[at - 1]!, name) >= 0) at--;
    if (variables[at] === name) values[at] = value;
    else {
      variables.splice(at, 0, name);
      values.splice(at, 0, value);
    }
  }

  private structuredAttribute(key: string, slot: Slot): void {
    this.json.push(`${JSON.stringify(key)}:${printJsonValue(this.ctx, slot, NO_POS, this.context)}`);
    if (key === 'builder') {
      const builder = forceString(slot, NO_POS, '');
      this.context.add(contextOf(builder));
      this.builder = stringText(builder);
    } else if (key === 'system') this.system = forceStringNoContext(slot, NO_POS, '');
    else if (key === 'outputs')
      this.setOutputs(forceList(slot, NO_POS, '').map((output) => forceStringNoContext(output, NO_POS, '')));
    else if (specialAttributes.has(key)) this.hashAttribute(key, forceStringNoContext(slot, NO_POS, ''));
    if (checksWithoutEffect.has(key))
      this.warn(
        key,
        `'structuredAttrs' disables the effect of the derivation attribute '${key}'; use 'outputChecks.<output>.${key}' instead`,
      );
  }

  private hashAttribute(key: string, text: string): void {
    if (key === 'outputHash') this.outputHash = text;
    else if (key === 'outputHashAlgo') this.hashAlgorithm = findHashAlgorithm(text);
    else if (key === 'outputHashMode') this.setHashMode(text);
  }

  private setHashMode(mode: string): void {
    this.hashMode = parseHashMode(mode);
    if (this.hashMode === undefined) throw new NixError(`invalid value '${mode}' for 'outputHashMode' attribute`);
    if (this.hashMode === 'text')
      requireFeature(this.ctx, 'dynamic-derivations', `text-hashed derivation '${this.name}', outputHashMode = "text"`);
    if (this.hashMode === 'git') requireFeature(this.ctx, 'git-hashing');
  }

  private setOutputs(names: readonly string[]): void {
    const outputs = new Set<string>();
    for (const name of names) {
      if (outputs.has(name)) throw new NixError(`duplicate derivation output '${name}'`);
      if (name === 'drvPath') throw new NixError("invalid derivation output name 'drvPath'");
      outputs.add(name);
    }
    if (outputs.size === 0) throw new NixError('derivation cannot have an empty set of outputs');
    this.outputs = outputs;
  }

  private warn(key: string, text: string): void {
    const trace = [{ text: `while evaluating derivation '${this.name}'`, pos: NO_POS }];
    this.ctx.host.message('warning', renderWarning({ message: text, pos: this.attrs.pos(key), trace }));
  }

  /** What the strings of all attributes speak of, by path. */
  private inputs(): { inputs: DerivationInput[]; sources: string[] } {
    const inputs = new Map<string, string[]>();
    const sources = new Set<string>();
    const need = (drvPath: string, output: string) => {
      const outputs = inputs.get(drvPath);
      if (outputs === undefined) inputs.set(drvPath, [output]);
      else if (!outputs.includes(output)) outputs.push(output);
    };
    for (const encoded of this.context.build()?.elements ?? []) {
      const element = knownElement(encoded);
      if (element.kind === 'opaque') sources.add(element.path);
      else if (element.kind === 'built') need(element.drvPath, element.output);
      else this.wholeClosure(element.drvPath, sources, need);
    }
    return {
      inputs: sortBytewise([...inputs.keys()]).map((drvPath) => {
        const outputs = inputs.get(drvPath)!;
        return { drvPath, outputs: outputs.length === 1 ? outputs : sortBytewise(outputs) };
      }),
      sources: sortBytewise([...sources]),
    };
  }

  /** A builder that sees a .drv may read everything that it leads to: all of it, outputs too, becomes input. */
  private wholeClosure(drvPath: string, inputSrcs: Set<string>, need: (drvPath: string, output: string) => void): void {
    const { store } = this.ctx.host;
    const seen = new Set<string>();
    const todo = [drvPath];
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      inputSrcs.add(path);
      if (!path.endsWith('.drv')) {
        todo.push(...store.references(path));
        continue;
      }
      const drv = store.readDerivation(path);
      for (const output of drv.outputs.keys()) need(path, output);
      todo.push(...drv.inputDrvs.keys(), ...drv.inputSrcs);
    }
  }

  private outputsOf(): Map<string, DerivationOutput> {
    const outputs = new Map<string, DerivationOutput>();
    if (this.outputHash !== undefined) {
      if (this.outputs.size !== 1 || !this.outputs.has('out'))
        throw new NixError('multiple outputs are not supported in fixed-output derivations');
      const { hash, warning } = parseHashAllowEmpty(this.outputHash, this.hashAlgorithm);
      if (warning !== undefined) this.ctx.host.message('warning', warning);
      const output = fixedOutput(this.name, { method: this.hashMode ?? 'flat', hash }, this.ctx.host.store.storeDir);
      this.setVariable('out', outputPath(output)!);
      return outputs.set('out', output);
    }
    if (this.contentAddressed && this.impure)
      throw new NixError('derivation cannot be both content-addressed and impure');
    const method = `${({ flat: '', nar: 'r:', text: 'text:', git: 'git:' } as const)[this.hashMode ?? 'nar']}${this.hashAlgorithm ?? 'sha256'}`;
    for (const name of this.outputs) {
      const known = this.contentAddressed || this.impure;
      this.setVariable(name, known ? hashPlaceholder(name) : '');
      outputs.set(name, known ? { kind: this.impure ? 'impure' : 'floating', method } : { kind: 'deferred' });
    }
    return outputs;
  }

  private result(drv: Derivation): Value {
    const drvPath = this.ctx.host.store.addDerivation(drv);
    hashes(this.ctx).remember(drvPath, drv);
    const slots: Slot[] = [new ContextString(drvPath, StringContext.single(`=${drvPath}`))];
    for (const [name, output] of drv.outputs)
      slots.push(
        new ContextString(
          outputPath(output) ?? downstreamPlaceholder(drvPath, name),
          StringContext.single(`!${name}!${drvPath}`),
        ),
      );
    return Attrs.of(resultShape([...drv.outputs.keys()]), ...slots);
  }
}

/** Attributes that say more than what a variable is to be. */
const specialAttributes: ReadonlySet<string> = new Set([
  '__contentAddressed',
  '__impure',
  'args',
  'builder',
  'outputHash',
  'outputHashAlgo',
  'outputHashMode',
  'outputs',
  'system',
]);

const resultShapes = new Map<string, Shape>();

/** The shape of results with these outputs; most derivations have one of a few lists of outputs. */
function resultShape(outputs: readonly string[]): Shape {
  const key = outputs.join(' ');
  let shape = resultShapes.get(key);
  if (shape === undefined) {
    if (resultShapes.size >= 1000) resultShapes.clear();
    resultShapes.set(key, (shape = Shape.of(['drvPath', ...outputs])));
  }
  return shape;
}

const knownElements = new Map<string, ContextElement>();

/** Decoded once for all the derivations that need it. */
function knownElement(encoded: string): ContextElement {
  let element = knownElements.get(encoded);
  if (element === undefined) {
    if (knownElements.size >= 100_000) knownElements.clear();
    knownElements.set(encoded, (element = decodeContextElement(encoded)));
  }
  return element;
}

const checksWithoutEffect = new Set([
  'allowedReferences',
  'allowedRequisites',
  'disallowedReferences',
  'disallowedRequisites',
  'maxSize',
  'maxClosureSize',
]);

export const derivationBuiltins: readonly Builtin[] = [
  {
    name: 'derivationStrict',
    args: ['attrs'],
    type: 'set → set',
    global: true,
    doc: 'Makes a store derivation of a set, at once: a set of `drvPath` and the path of each output. `derivation` is the lazy function around it.',
    example: {
      expr: 'builtins.attrNames (derivationStrict { name = "a"; system = "s"; builder = "b"; })',
      value: '[ "drvPath" "out" ]',
    },
    run: derivationStrict,
  },
];

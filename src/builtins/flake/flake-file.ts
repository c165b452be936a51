/**
 * `flake.nix`, read for its inputs: everything but `outputs` stands there literally, so that what a flake depends on is
 * known without running its code.
 *
 *     { description ?; inputs ?.NAME = { url | type ...; flake ?; follows ?; inputs ?... }; outputs = function; nixConfig ? }
 */

import { showPosition } from '../../errors/frames.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Pos } from '../../errors/position.ts';
import type { EvalContext } from '../../runtime/eval-context.ts';
import type { Literal, LiteralAttr } from '../../runtime/literal.ts';
import { canonicalPath, parentPath } from '../../runtime/path-text.ts';
import { describeType } from '../../runtime/type-names.ts';
import { isInt, NixPath, type Value } from '../../runtime/value.ts';
import { checkedSource, parseFlakeReference, printFlakeReference, type SourceAttributes } from '../flake-reference.ts';

export type InputPath = readonly string[];

export interface FlakeInput {
  readonly ref: SourceAttributes | undefined;
  readonly follows: InputPath | undefined;
  readonly isFlake: boolean;
  /** `inputs.NAME.inputs`: what its own inputs are to be instead. */
  readonly overrides: ReadonlyMap<string, FlakeInput>;
}

export type FlakeInputs = ReadonlyMap<string, FlakeInput>;

export interface FlakeFile {
  /** Of flake.nix. */
  readonly path: string;
  readonly inputs: FlakeInputs;
  /** `inputs.self`: how the flake's own tree is to be fetched. */
  readonly self: SourceAttributes;
}

/** `shown`: what messages call the flake. `at`: its place among the inputs of the one that is being locked. */
export function readFlakeFile(ctx: EvalContext, path: string, shown: SourceAttributes, at: InputPath): FlakeFile {
  const reader = new FlakeReader(parentPath(path), at);
  const { attrs } = ctx.readLiteralFile(path);
  const description = attrs.get('description');
  if (description) expect('a string', description);
  const given = attrs.get('inputs');
  const { inputs, self } = given ? reader.inputs(given, true) : { inputs: new Map<string, FlakeInput>(), self: {} };
  const outputs = attrs.get('outputs');
  if (!outputs)
    throw new NixError(`flake '${printFlakeReference(shown)}' lacks attribute 'outputs'`, { class: 'Error' });
  expect('a function', outputs);
  if (outputs.value.kind === 'function')
    for (const name of outputs.value.formals ?? [])
      if (name !== 'self' && !inputs.has(name)) inputs.set(name, input({ ref: parseFlakeReference(name) }));
  const config = attrs.get('nixConfig');
  if (config) checkConfig(config);
  for (const [name, { pos }] of attrs)
    if (!['description', 'inputs', 'outputs', 'nixConfig'].includes(name))
      throw new NixError(
        `flake '${printFlakeReference(shown)}' has an unsupported attribute '${name}', at ${showPosition(pos)}`,
        { class: 'Error' },
      );
  return { path, inputs, self };
}

function input(given: Partial<FlakeInput>): FlakeInput {
  return { ref: undefined, follows: undefined, isFlake: true, overrides: new Map(), ...given };
}

/** Names between slashes. */
function parseInputPath(text: string): InputPath {
  const parts = text.split('/').filter((part) => part !== '');
  for (const part of parts)
    if (!/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(part))
      throw new NixError(`invalid flake input attribute path element '${part}'`, { class: 'UsageError' });
  return parts;
}

class FlakeReader {
  private readonly directory: string;
  private readonly at: InputPath;

  constructor(directory: string, at: InputPath) {
    this.directory = directory;
    this.at = at;
  }

  inputs(
    given: LiteralAttr,
    allowSelf: boolean,
  ): { readonly inputs: Map<string, FlakeInput>; readonly self: SourceAttributes } {
    const inputs = new Map<string, FlakeInput>();
    const self: SourceAttributes = {};
    for (const [name, attr] of expectSet(given)) {
      if (name !== 'self') inputs.set(name, this.input(attr));
      else if (!allowSelf)
        throw new NixError(`'self' input attribute not allowed at ${showPosition(attr.pos)}`, { class: 'Error' });
      else for (const [key, { value }] of expectSet(attr)) self[key] = sourceAttribute(key, value);
    }
    return { inputs, self };
  }

  private input(given: LiteralAttr): FlakeInput {
    const source: SourceAttributes = {};
    let url: string | undefined;
    let isFlake = true;
    let follows: InputPath | undefined;
    let overrides: FlakeInputs = new Map();
    for (const [name, attr] of expectSet(given)) {
      try {
        if (name === 'url') url = source.url = this.url(attr);
        else if (name === 'flake') isFlake = expect('a Boolean', attr) as boolean;
        else if (name === 'inputs') overrides = this.inputs(attr, false).inputs;
        else if (name === 'follows') follows = [...this.at, ...parseInputPath(expect('a string', attr) as string)];
        else source[name] = sourceAttribute(name, attr.value);
      } catch (error) {
        if (error instanceof NixError) error.addTrace(`while evaluating flake attribute '${name}'`, attr.pos);
        throw error;
      }
    }
    const ref = reference(source, url, isFlake, given.pos);
    if (ref && follows)
      throw new NixError(
        `flake input has both a flake reference and a follows attribute, at ${showPosition(given.pos)}`,
        { class: 'Error' },
      );
    return { ref, follows, isFlake, overrides };
  }

  /** A path means one in the same tree. */
  private url(attr: LiteralAttr): string {
    const value = attr.value.kind === 'constant' ? attr.value.value : undefined;
    if (typeof value === 'string') return value;
    if (value instanceof NixPath) return `path:${relativePath(this.directory, value.path)}`;
    throw new NixError(
      `expected a string or a path but got ${describeLiteral(attr.value)} at ${showPosition(attr.pos)}`,
      { class: 'Error' },
    );
  }
}

function reference(
  { url: _url, ...source }: SourceAttributes,
  url: string | undefined,
  isFlake: boolean,
  pos: Pos,
): SourceAttributes | undefined {
  if (source.type !== undefined) {
    try {
      return checkedSource(url === undefined ? source : { ...source, url });
    } catch (error) {
      if (error instanceof NixError) error.addTrace('while evaluating flake input', pos);
      throw error;
    }
  }
  const [stray] = Object.keys(source).sort();
  if (stray !== undefined)
    throw new NixError(`unexpected flake input attribute '${stray}', at ${showPosition(pos)}`, { class: 'Error' });
  return url === undefined ? undefined : parseFlakeReference(url, { isFlake, relativePaths: true });
}

/** From one canonical directory to another. */
function relativePath(from: string, to: string): string {
  const start = canonicalPath(from).split('/').filter(Boolean);
  const end = canonicalPath(to).split('/').filter(Boolean);
  let common = 0;
  while (common < start.length && common < end.length && start[common] === end[common]) common++;
  return [...start.slice(common).map(() => '..'), ...end.slice(common)].join('/') || '.';
}

function sourceAttribute(name: string, literal: Literal): string | number | boolean {
  const value = literal.kind === 'constant' ? literal.value : undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value !== undefined && isInt(value)) {
    if (value < 0) throw new NixError(`negative value given for flake input attribute ${name}: ${value}`);
    return Number(value);
  }
  throw new NixError(
    `flake input attribute '${name}' is ${describeLiteral(literal)} while a string, Boolean, or integer is expected`,
    { class: 'TypeError' },
  );
}

function checkConfig(config: LiteralAttr): void {
  for (const [name, { value }] of expectSet(config)) {
    if (value.kind === 'list') {
      for (const item of value.items)
        if (item.kind !== 'constant' || typeof item.value !== 'string')
          throw new NixError(
            `list element in flake configuration setting '${name}' is a list while a string is expected`,
            { class: 'TypeError' },
          );
    } else if (!isSetting(value))
      throw new NixError(`flake configuration setting '${name}' is ${describeLiteral(value)}`, { class: 'TypeError' });
  }
}

function isSetting(literal: Literal): boolean {
  if (literal.kind !== 'constant') return false;
  const { value } = literal;
  return typeof value === 'string' || typeof value === 'boolean' || value instanceof NixPath || isInt(value);
}

function expectSet(attr: LiteralAttr): ReadonlyMap<string, LiteralAttr> {
  if (attr.value.kind === 'set') return attr.value.attrs;
  throw unexpected('a set', attr);
}

/** The constant that an attribute is. */
function expect(type: string, attr: LiteralAttr): Value {
  if (describeLiteral(attr.value) !== type) throw unexpected(type, attr);
  return attr.value.kind === 'constant' ? attr.value.value : null;
}

function unexpected(type: string, { value, pos }: LiteralAttr): NixError {
  return new NixError(`expected ${type} but got ${describeLiteral(value)} at ${showPosition(pos)}`, {
    class: 'Error',
  });
}

function describeLiteral(literal: Literal): string {
  switch (literal.kind) {
    case 'constant':
      return describeType(literal.value);
    case 'set':
      return 'a set';
    case 'list':
      return 'a list';
    case 'function':
      return 'a function';
    case 'thunk':
      return 'a thunk';
  }
}

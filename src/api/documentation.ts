/**
 * What `:doc` shows, as Markdown: a builtin's record; of a function its place and doc comment, of a set that can be called
 * those of what it calls; of any other attribute its place and the comment before it.
 */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos, resolvePosition } from '../errors/position.ts';
import { Attrs } from '../runtime/attrs.ts';
import { forceAttrs } from '../runtime/coerce.ts';
import { call1, Lambda, Primop, PrimopApp } from '../runtime/function.ts';
import { callDepthExceeded, calls } from '../runtime/stack.ts';
import type { Value } from '../runtime/value.ts';
import { docCommentText } from '../syntax/doc-comment.ts';
import type { Node } from '../syntax/nodes.ts';
import { parser } from '../syntax/parser-port.ts';

export interface DocumentedScope {
  parse(text: string): Node;
  /** `shown` is what errors show the text as part of. */
  evaluate(text: string, shown?: string): Value;
}

export function documentation(text: string, scope: DocumentedScope): string {
  // The set first: what is wrong with it is told before anything else.
  const attribute = lastAttribute(text, scope);
  const found = ofValue(scope.evaluate(text)) ?? (attribute && ofAttribute(attribute));
  if (found === undefined) throw new NixError('value does not have documentation', { class: 'Error' });
  return found.trim();
}

function ofValue(value: Value): string | undefined {
  if (value instanceof Primop) return ofBuiltin(value);
  if (value instanceof PrimopApp) return ofBuiltin(value.primop);
  if (value instanceof Lambda) return ofLambda(value);
  return value instanceof Attrs && value.has('__functor') ? ofFunctor(value) : undefined;
}

function ofBuiltin({ builtin }: Primop): string {
  const args = builtin.args.map((arg) => `*${arg}*`).join(' ');
  const example = builtin.example ? `\n\n    nix-repl> ${builtin.example.expr}\n    ${builtin.example.value}` : '';
  return `**Synopsis:** \`builtins.${builtin.name}\` ${args}\n\n${builtin.doc}${example}`;
}

function ofLambda({ info }: Lambda): string {
  const position = place(info.pos);
  const comment = info.unit.documentation(info.offset);
  return (
    (info.name === undefined ? 'Function ' : `Function \`${info.name}\`\\\n${position === undefined ? '' : '  … '}`) +
    (position === undefined ? '' : `defined at ${position}`) +
    (comment === undefined ? '' : `\n\n${docCommentText(comment)}`)
  );
}

/** Its first argument is the set itself, which no user passes: what is documented is what that gives. */
function ofFunctor(set: Attrs): string | undefined {
  const { depth } = calls;
  try {
    const applied = call1(set.get('__functor')!, set, NO_POS);
    if (depth > calls.max) throw callDepthExceeded(NO_POS);
    calls.depth = depth + 1;
    return ofValue(applied);
  } catch (error) {
    if (error instanceof NixError) error.addTrace("while partially calling '__functor' to retrieve documentation");
    throw error;
  } finally {
    calls.depth = depth;
  }
}

interface Attribute {
  readonly name: string;
  readonly pos: Pos;
}

/** What `a.b.c` selects last, if it has a place. */
function lastAttribute(text: string, scope: DocumentedScope): Attribute | undefined {
  const node = scope.parse(text);
  const last = node.kind === 'select' ? node.path.at(-1) : undefined;
  if (last === undefined || !('name' in last)) return undefined;
  const subject = /^([\s\S]*?)\s*\.\s*$/.exec(text.slice(0, last.pos))?.[1];
  // In parentheses: `(a.b)`.
  if (subject === undefined || text.trimStart().startsWith('(') !== subject.trimEnd().startsWith('(')) return undefined;
  const value = scope.evaluate(subject, text);
  const set = forceAttrs(value, NO_POS, 'while evaluating an attribute set to look for documentation');
  const pos = set.has(last.name) ? set.pos(last.name) : NO_POS;
  return pos === NO_POS ? undefined : { name: last.name, pos };
}

function ofAttribute({ name, pos }: Attribute): string {
  const position = resolvePosition(pos);
  const comment =
    position?.source.origin.kind === 'file' ? parser().docComments(position.source).get(position.offset) : undefined;
  const text = comment === undefined ? 'No documentation found.' : docCommentText(comment);
  return `Attribute \`${name}\`\n\n  … defined at ${place(pos) ?? '«none»'}\n\n${text}`;
}

function place(pos: Pos): string | undefined {
  const position = resolvePosition(pos);
  if (!position) return undefined;
  const { line, column } = position.source.lineColumn(position.offset);
  return `${position.source.label}:${line}:${column}`;
}

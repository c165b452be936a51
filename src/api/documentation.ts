/**
 * What `:doc` shows, as Markdown: a builtin's record; of a function its doc comment and place; of an attribute its place
 * and the comment before it.
 */
import { NixError } from '../errors/nix-error.ts';
import { type Pos, resolvePosition } from '../errors/position.ts';
import { Attrs } from '../runtime/attrs.ts';
import { Lambda, Primop, PrimopApp } from '../runtime/function.ts';
import { force } from '../runtime/thunk.ts';
import type { Value } from '../runtime/value.ts';

export function documentation(text: string, evaluate: (text: string) => Value): string {
  const value = evaluate(text);
  if (value instanceof Primop) return ofBuiltin(value);
  if (value instanceof Lambda) {
    const name = value.info.name;
    return `Function ${name === undefined ? '' : `\`${name}\``}\\\n  … defined at ${place(value.info.pos)}\n`;
  }
  if (value instanceof PrimopApp) return ofBuiltin(value.primop);
  const [, subject, name] = /^([\s\S]+)\.([A-Za-z_][\w'-]*)$/.exec(text.trim()) ?? [];
  if (subject !== undefined) {
    const set = evaluate(subject);
    if (set instanceof Attrs && set.pos(name!) !== 0) {
      force(set.get(name!)!);
      return `Attribute \`${name}\`\n\n  … defined at ${place(set.pos(name!))}\n\nNo documentation found.`;
    }
  }
  throw new NixError('value does not have documentation');
}

function ofBuiltin({ builtin }: Primop): string {
  const args = builtin.args.map((arg) => `*${arg}*`).join(' ');
  const example = builtin.example ? `\n\n    nix-repl> ${builtin.example.expr}\n    ${builtin.example.value}` : '';
  return `**Synopsis:** \`builtins.${builtin.name}\` ${args}\n\n${builtin.doc}${example}`;
}

function place(pos: Pos): string {
  const position = resolvePosition(pos);
  if (!position) return '«none»';
  const { line, column } = position.source.lineColumn(position.offset);
  return `${position.source.label}:${line}:${column}`;
}

/**
 * Selection paths, as `-A` takes them: names separated by dots, a name in double quotes where it has a dot itself, a number
 * to index a list. On the way functions are called with the automatic arguments.
 * Source: Nix manual, "nix-build", --attr.
 */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import { bestMatches } from '../errors/suggestions.ts';
import { Attrs } from '../runtime/attrs.ts';
import { force } from '../runtime/thunk.ts';
import { describeType } from '../runtime/type-names.ts';
import { isList, type Slot } from '../runtime/value.ts';
import { autoCall } from './auto-call.ts';

export function parseAttrPath(text: string): string[] {
  const parts: string[] = [];
  let current = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '.') {
      parts.push(current);
      current = '';
    } else if (text[i] === '"') {
      const end = text.indexOf('"', i + 1);
      if (end < 0) throw new NixError(`missing closing quote in selection path '${text}'`, { class: 'ParseError' });
      current += text.slice(i + 1, end);
      i = end;
    } else current += text[i];
  }
  if (current !== '') parts.push(current);
  return parts;
}

/** The slot that `path` leads to from `root`, and where it is defined. */
export function findAlongAttrPath(root: Slot, path: string, autoArgs: Attrs): { slot: Slot; pos: Pos } {
  let slot = root;
  let pos = NO_POS;
  for (const part of parseAttrPath(path)) {
    const value = autoCall(autoArgs, slot);
    const index = /^\d+$/.test(part) ? Number(part) : undefined;
    const expected = (kind: string) =>
      new NixError(
        `the expression selected by the selection path '${path}' should be a ${kind} but is ${describeType(value)}`,
        {
          class: 'TypeError',
        },
      );
    if (index !== undefined) {
      if (!isList(value)) throw expected('list');
      if (index >= value.length) throw new NixError(`list index ${index} in selection path '${path}' is out of range`);
      slot = value[index]!;
      pos = NO_POS;
      continue;
    }
    if (!(value instanceof Attrs)) throw expected('set');
    if (part === '') throw new NixError(`empty attribute name in selection path '${path}'`);
    const found = value.get(part);
    if (found === undefined)
      throw new NixError(`attribute '${part}' in selection path '${path}' not found`, {
        suggestions: bestMatches(value.keys(), part),
      });
    slot = found;
    pos = value.pos(part);
  }
  force(slot, pos);
  return { slot, pos };
}

import type { FormalSet } from '../../../grammar/actions.ts';
import type { Formals, Node, Offset } from '../nodes.ts';
import { SyntaxFault } from './fault.ts';

/** Formals in order of appearance; `start` is where the whole function begins, `arg` the name beside them. */
export function lowerFormals(set: FormalSet<Node>, arg: string | undefined, start: Offset): Formals {
  const places = new Map<string, Offset>();
  for (const { name, start: place } of set.formals) {
    // Of several duplicates, Nix reports that of the name that it met first, where it stands for the second time.
    if (places.has(name)) throw duplicateOf(set);
    places.set(name, place);
  }
  if (arg !== undefined && places.has(arg)) throw duplicate(arg, start);
  return {
    formals: set.formals.map(({ name, fallback, start: pos }) => ({ name, fallback, pos })),
    ellipsis: set.ellipsis,
  };
}

function duplicateOf({ formals }: FormalSet<Node>): SyntaxFault {
  for (const [i, { name }] of formals.entries()) {
    const again = formals.find((other, j) => j > i && other.name === name);
    if (again) return duplicate(name, again.start);
  }
  throw new Error('no formal stands twice');
}

function duplicate(name: string, offset: Offset): SyntaxFault {
  return new SyntaxFault(`duplicate formal function argument '${name}'`, offset);
}

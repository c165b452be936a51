/**
 * A generated expression is a tree of pieces: text with smaller pieces in between, each of a kind ("int", "list", ...).
 * The tree is what makes shrinking good: any piece may be replaced by a piece of its own kind that stands inside it, by the
 * simplest text of its kind, or, where it is one of many, be left out; and any piece may stand alone. fast-check's own
 * shrinking knows nothing of that, and asks its question thousands of times, which is too often when each asks a process.
 */
export interface Piece {
  readonly kind: string;
  readonly parts: readonly (string | Piece)[];
  /** The parts stand in a row, with spaces between them, and each of them may be missing. */
  readonly row?: boolean;
}

export function textOf(piece: Piece): string {
  return piece.parts.map((part) => (typeof part === 'string' ? part : textOf(part))).join(piece.row ? ' ' : '');
}

const simplest: Readonly<Record<string, string>> = {
  int: '1',
  small: '1',
  float: '1.5',
  num: '1',
  bool: 'true',
  string: '"s"',
  path: '/a/b/c/d/e/f/g/h',
  list: '[ ]',
  ints: '[ 1 ]',
  strings: '[ "s" ]',
  sets: '[ { } ]',
  attrs: '{ }',
  drv: '{ }',
  fn: '(i: i)',
  any: 'null',
};

/** Smaller trees, those that lose most first. */
export function* smaller(root: Piece): Generator<Piece> {
  for (const piece of descendants(root)) if (!piece.row) yield piece;
  yield* replacements(root);
}

function* replacements(piece: Piece): Generator<Piece> {
  const simple = simplest[piece.kind];
  const text = textOf(piece);
  if (simple !== undefined && simple.length < text.length) yield { kind: piece.kind, parts: [simple] };
  for (const inner of descendants(piece)) if (inner.kind === piece.kind && !inner.row) yield inner;
  if (piece.row)
    for (let i = 0; i < piece.parts.length; i++) yield { ...piece, parts: piece.parts.filter((_, j) => j !== i) };
  for (let i = 0; i < piece.parts.length; i++) {
    const part = piece.parts[i]!;
    if (typeof part !== 'string')
      for (const instead of replacements(part)) yield { ...piece, parts: piece.parts.with(i, instead) };
  }
}

/** Breadth first: the larger ones stand near the root. */
function* descendants(root: Piece): Generator<Piece> {
  let level: readonly Piece[] = [root];
  while (level.length > 0) {
    const next: Piece[] = [];
    for (const piece of level) for (const part of piece.parts) if (typeof part !== 'string') next.push(part);
    yield* next;
    level = next;
  }
}

/** The smallest tree that can be reached with at most `limit` questions and still is what is looked for. */
export async function shrink(
  found: Piece,
  still: (piece: Piece) => boolean | Promise<boolean>,
  limit = 400,
): Promise<Piece> {
  let best = found;
  let questions = 0;
  const asked = new Set<string>([textOf(found)]);
  for (let progress = true; progress; ) {
    progress = false;
    for (const candidate of smaller(best)) {
      const text = textOf(candidate);
      if (asked.has(text)) continue;
      asked.add(text);
      if (++questions > limit) return best;
      if (await still(candidate)) {
        best = candidate;
        progress = true;
        break;
      }
    }
  }
  return best;
}

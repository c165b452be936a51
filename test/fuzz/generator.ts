/**
 * Makes fast-check arbitraries of a table of forms: kind -> templates, in which `<int>` stands for an expression of that
 * kind and `<any*>` for a row of them. One hole in forty is filled with something of any kind, so that ill-typed
 * expressions come up as well; what nests too deep gets a form without holes.
 */
import fc from 'fast-check';
import type { Piece } from './piece.ts';

/** A template, or one with a weight other than 1. */
export type Form = string | readonly [number, string];
export type Forms = Readonly<Record<string, readonly Form[]>>;

const maxDepth = 6;

export function expressions(forms: Forms, start: string): fc.Arbitrary<Piece> {
  const depthIdentifier = fc.createDepthIdentifier();
  const ties = fc.letrec<Record<string, Piece>>((tie) => {
    const table: Record<string, fc.Arbitrary<Piece>> = {};
    for (const [kind, templates] of Object.entries(forms)) {
      const weighted = templates.map((form) => (typeof form === 'string' ? ([1, form] as const) : form));
      const branch = (wanted: boolean) =>
        weighted
          .filter(([, template]) => holes.test(template) === wanted)
          .map(([weight, template]) => ({ weight, arbitrary: fromTemplate(kind, template, tie) }));
      const [leaves, inner] = [branch(false), branch(true)];
      table[kind] =
        leaves.length === 0 || inner.length === 0
          ? fc.oneof(...leaves, ...inner)
          : fc.oneof(
              { maxDepth, depthIdentifier, depthSize: 'max' },
              { weight: 5, arbitrary: fc.oneof(...leaves) },
              { weight: 12, arbitrary: fc.oneof(...inner) },
            );
    }
    return table;
  });
  return ties[start]!;
}

const holes = /<([a-z]+)(\*?)>/;

/** Kinds that stand for pieces of syntax: nothing else may come in their place. */
const syntactic = new Set([
  'binding',
  'chunk',
  'formals',
  'interpolated',
  'jsontext',
  'label',
  'letters',
  'name',
  'number',
  'operand',
  'operator',
  'regex',
  'release',
  'tomlline',
  'tomlvalue',
  'word',
]);

function fromTemplate(kind: string, template: string, tie: (kind: string) => fc.Arbitrary<Piece>): fc.Arbitrary<Piece> {
  const split = template.split(/<([a-z]+)(\*?)>/);
  const arbitraries: fc.Arbitrary<string | Piece>[] = [];
  for (let i = 0; i < split.length; i += 3) {
    if (split[i] !== '') arbitraries.push(fc.constant(split[i]!));
    const wanted = split[i + 1];
    if (wanted === undefined) continue;
    const one = syntactic.has(wanted)
      ? tie(wanted)
      : fc.oneof({ weight: 39, arbitrary: tie(wanted) }, { weight: 1, arbitrary: tie('any') });
    if (split[i + 2] === '') arbitraries.push(one);
    else
      arbitraries.push(
        row(one).map((parts) => ({
          kind: `${wanted}*`,
          row: true,
          parts,
        })),
      );
  }
  return fc.tuple(...arbitraries).map((parts) => ({ kind, parts }));
}

/** Of bindings, mostly ones of different names: two of the same are a parse error, and that soon says nothing new. */
function row(one: fc.Arbitrary<string | Piece>): fc.Arbitrary<(string | Piece)[]> {
  const distinct = fc.uniqueArray(one, {
    maxLength: 4,
    selector: (piece) => (typeof piece === 'string' || piece.kind !== 'binding' ? [piece] : boundNames(piece)),
    comparator: (a, b) => a.some((name) => b.includes(name)),
  });
  return fc.oneof({ weight: 9, arbitrary: distinct }, { weight: 1, arbitrary: fc.array(one, { maxLength: 4 }) });
}

function boundNames({ parts }: Piece): unknown[] {
  const [first, ...rest] = parts;
  if (typeof first !== 'string') return [first];
  if (!first.startsWith('inherit')) return [first.split('=')[0]!.trim()];
  const last = rest.at(-1) ?? first;
  return typeof last === 'string'
    ? last
        .replace(/^inherit|^.*\)|;$/g, '')
        .trim()
        .split(' ')
    : [last];
}

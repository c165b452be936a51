/**
 * String contexts: which store objects a string speaks of. An element is encoded as in C++ Nix's own text form:
 *
 *   /nix/store/<hash>-name              the path itself ("opaque")
 *   =/nix/store/<hash>-name.drv         the derivation with its whole closure ("drv deep")
 *   !out!/nix/store/<hash>-name.drv     an output of the derivation ("built")
 *
 * Contexts are immutable, never empty, and shared by identity wherever possible: most strings of a package speak of the
 * same few things, and `union` gives one of its arguments back when it can.
 */
import { compareBytewise } from '../base/order.ts';

export type ContextElement =
  | { readonly kind: 'opaque'; readonly path: string }
  | { readonly kind: 'drvDeep'; readonly drvPath: string }
  | { readonly kind: 'built'; readonly drvPath: string; readonly output: string };

export class StringContext {
  readonly elements: ReadonlySet<string>;
  private constructor(elements: ReadonlySet<string>) {
    this.elements = elements;
  }

  static of(elements: Iterable<string>): StringContext | undefined {
    const set = new Set(elements);
    return set.size === 0 ? undefined : new StringContext(set);
  }

  static single(element: string): StringContext {
    return new StringContext(new Set([element]));
  }

  /** Elements in byte order of their encoded form. */
  sorted(): string[] {
    return [...this.elements].sort(compareBytewise);
  }
}

export function unionContexts(a: StringContext | undefined, b: StringContext | undefined): StringContext | undefined {
  if (!a || a === b) return b;
  if (!b) return a;
  const [large, small] = a.elements.size >= b.elements.size ? [a, b] : [b, a];
  let merged: Set<string> | undefined;
  for (const element of small.elements) {
    if (large.elements.has(element)) continue;
    merged ??= new Set(large.elements);
    merged.add(element);
  }
  return merged ? StringContext.of(merged) : large;
}

export function encodeContextElement(element: ContextElement): string {
  switch (element.kind) {
    case 'opaque':
      return element.path;
    case 'drvDeep':
      return `=${element.drvPath}`;
    case 'built':
      return `!${element.output}!${element.drvPath}`;
  }
}

export function decodeContextElement(encoded: string): ContextElement {
  if (encoded[0] === '=') return { kind: 'drvDeep', drvPath: encoded.slice(1) };
  if (encoded[0] === '!') {
    const end = encoded.indexOf('!', 1);
    return { kind: 'built', output: encoded.slice(1, end), drvPath: encoded.slice(end + 1) };
  }
  return { kind: 'opaque', path: encoded };
}

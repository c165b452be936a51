/** Context elements as users see them: in which order they are visited, and how messages show one. */
import { compareBytewise } from '../base/order.ts';
import { type ContextElement, decodeContextElement, type StringContext } from './context.ts';

const kinds = { opaque: 0, drvDeep: 1, built: 2 } as const;

/** Paths first, then derivations with their closures, then outputs; each by path, then output name. */
export function orderedElements(context: StringContext | undefined): ContextElement[] {
  if (context === undefined) return [];
  return [...context.elements].map(decodeContextElement).sort(compareElements);
}

function compareElements(a: ContextElement, b: ContextElement): number {
  if (a.kind !== b.kind) return kinds[a.kind] - kinds[b.kind];
  const byPath = compareBytewise(elementPath(a), elementPath(b));
  return byPath === 0 && a.kind === 'built' && b.kind === 'built' ? compareBytewise(a.output, b.output) : byPath;
}

/** The store path in it: the path itself, or that of the .drv file. */
export function elementPath(element: ContextElement): string {
  return element.kind === 'opaque' ? element.path : element.drvPath;
}

/** For instance /nix/store/...-x.drv^out */
export function displayElement(element: ContextElement): string {
  switch (element.kind) {
    case 'opaque':
      return element.path;
    case 'drvDeep':
      return `${element.drvPath} (deep)`;
    case 'built':
      return `${element.drvPath}^${element.output}`;
  }
}

/** Reading a file for what stands in it literally (runtime/literal.ts). */
import { NixError } from '../errors/nix-error.ts';
import type { Pos } from '../errors/position.ts';
import type { Literal, LiteralAttr } from '../runtime/literal.ts';
import { NixFloat, NixPath } from '../runtime/value.ts';
import type { AttrsNode, Node } from '../syntax/nodes.ts';
import type { Parsed } from '../syntax/parser-port.ts';

/** @throws NixError where the file is anything but a set. */
export function literalFile(path: string, { node, base }: Parsed): Literal & { readonly kind: 'set' } {
  if (node.kind !== 'attrs')
    throw new NixError(`file '${path}' must be an attribute set`).addTrace(`while evaluating the file '${path}':`);
  return literalSet(node, base);
}

const constants: ReadonlyMap<string, true | false | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function literal(node: Node, base: Pos): Literal {
  switch (node.kind) {
    case 'int':
    case 'string':
      return { kind: 'constant', value: node.value };
    case 'float':
      return { kind: 'constant', value: new NixFloat(node.value) };
    case 'path':
      return { kind: 'constant', value: new NixPath(node.value) };
    case 'variable': {
      const value = constants.get(node.name);
      return value === undefined ? { kind: 'thunk' } : { kind: 'constant', value };
    }
    case 'list':
      return { kind: 'list', items: node.items.map((item) => literal(item, base)) };
    case 'lambda':
      return { kind: 'function', formals: node.formals?.formals.map(({ name }) => name) };
    case 'attrs':
      return node.dynamic.length > 0 ? { kind: 'thunk' } : literalSet(node, base);
    default:
      return { kind: 'thunk' };
  }
}

function literalSet({ attrs }: AttrsNode, base: Pos): Literal & { readonly kind: 'set' } {
  const found = new Map<string, LiteralAttr>();
  for (const [name, attr] of attrs) {
    const value: Literal = attr.kind === 'inheritedFrom' ? { kind: 'thunk' } : literal(attr.value, base);
    found.set(name, { value, pos: base + attr.pos });
  }
  return { kind: 'set', attrs: found };
}

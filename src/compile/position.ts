/** Where messages say that an expression is: for some kinds that is a part's position, for literals there is none. */
import type { Node, Offset } from '../syntax/nodes.ts';

export function positionOf(node: Node): Offset | undefined {
  switch (node.kind) {
    case 'int':
    case 'float':
    case 'string':
    case 'path':
    case 'let':
      return undefined;
    case 'list':
      return node.items[0] && positionOf(node.items[0]);
    case 'hasAttr':
      return positionOf(node.subject);
    case 'not':
      return positionOf(node.operand);
    default:
      return node.pos;
  }
}

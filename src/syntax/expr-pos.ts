/**
 * The position that C++ Nix itself shows for an expression as a whole (Expr::getPos): literals, `let` and empty lists have
 * none there, although our nodes know where they stand; some nodes borrow that of a part. Errors that say "while
 * evaluating ..." of any expression have to ask here, so that they point where Nix points, or nowhere.
 */
import type { Node, Offset } from './nodes.ts';

export function exprPos(root: Node): Offset | undefined {
  for (let node = root; ; ) {
    switch (node.kind) {
      case 'int':
      case 'float':
      case 'string':
      case 'path':
      case 'let':
        return undefined;
      case 'list': {
        const first: Node | undefined = node.items[0];
        if (first === undefined) return undefined;
        node = first;
        break;
      }
      case 'hasAttr':
        node = node.subject;
        break;
      case 'not':
        node = node.operand;
        break;
      default:
        return node.pos;
    }
  }
}

/**
 * The indentation rule of ''strings'': the smallest number of spaces that begins any line is taken from all of them.
 * Empty lines do not count, nor does a last line of only spaces, which is dropped; interpolations and escapes end the
 * white space at the start of their line. Only spaces indent; a tab is text.
 */
import type { Part } from '../../../grammar/actions.ts';
import type { Node, Offset } from '../nodes.ts';

/** The string's parts with the indentation removed and empty ones left out. */
export function stripIndentation(parts: readonly Part<Node>[]): { node: Node; pos: Offset }[] {
  const indentation = smallestIndentation(parts);
  const stripped: { node: Node; pos: Offset }[] = [];
  let lineStart = true;
  let dropped = 0;
  parts.forEach((part, i) => {
    const pos = part.start;
    if ('expression' in part) {
      lineStart = false;
      dropped = 0;
      stripped.push({ node: part.expression, pos });
      return;
    }
    const text = part.text;
    let out = '';
    let copied = 0;
    for (let j = 0; j < text.length; j++) {
      const code = text.charCodeAt(j);
      if (lineStart) {
        if (code === SPACE) {
          if (dropped++ < indentation) {
            out += text.slice(copied, j);
            copied = j + 1;
          }
        } else {
          dropped = 0;
          lineStart = code === NEWLINE;
        }
      } else if (code === NEWLINE) lineStart = true;
    }
    out += text.slice(copied);
    if (i === parts.length - 1) out = out.replace(/\n *$/, '\n');
    if (out !== '') stripped.push({ node: { kind: 'string', value: out, pos }, pos });
  });
  return stripped;
}

const SPACE = 32;
const NEWLINE = 10;

function smallestIndentation(parts: readonly Part<Node>[]): number {
  let smallest = 1_000_000;
  let current = 0;
  let lineStart = true;
  for (const part of parts) {
    if ('expression' in part || !part.indented) {
      if (lineStart) {
        lineStart = false;
        if (current < smallest) smallest = current;
      }
      continue;
    }
    const text = part.text;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === NEWLINE) {
        lineStart = true;
        current = 0;
      } else if (lineStart) {
        if (code === SPACE) current++;
        else {
          lineStart = false;
          if (current < smallest) smallest = current;
        }
      }
    }
  }
  return smallest;
}

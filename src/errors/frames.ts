/**
 * A place in a source, shown: `path:line:column`, and the line itself between its neighbours with a caret below.
 *
 *     12| previous line
 *     13| the line
 *       |     ^
 *     14| next line
 */
import type { Colors } from './colors.ts';
import { type Pos, type Position, resolvePosition } from './position.ts';

/** `«string»:1:3`, or undefined for no position. */
export function showPosition(pos: Pos): string | undefined {
  const position = resolvePosition(pos);
  return position && showPlace(position);
}

export function showPlace({ source, offset }: Position): string {
  const { line, column } = source.lineColumn(offset);
  return `${source.label}:${line}:${column}`;
}

/** The lines `at PLACE:` and those of the code around it. */
export function frame({ source, offset }: Position, colors: Colors): string[] {
  const { line, column } = source.lineColumn(offset);
  const lines = [`${colors.blue}at ${colors.magenta}${source.label}:${line}:${column}${colors.normal}:`];
  const show = (number: number) => {
    const text = source.lineText(number);
    if (text !== undefined) lines.push(` ${String(number).padStart(5)}| ${text}`);
  };
  show(line - 1);
  show(line);
  lines.push(`      |${' '.repeat(column)}${colors.red}^${colors.normal}`);
  show(line + 1);
  return lines;
}

import type { NixToken } from './tokens.ts';
export function syntaxErrorOf(
  tokens: readonly NixToken[],
  _rule: 'file' | 'replBindings',
): { message: string; offset: number } {
  const last = tokens[tokens.length - 1]!;
  return { message: 'syntax error', offset: last.startOffset };
}

/**
 * What Nix says about a syntax error: what stands there, and what could have, unless that is more than four things.
 * The answer comes from the automaton of productions.ts, which is built for the first error of a process only.
 */
import { buildAutomaton, findError, type GrammarTables, type Rule, type State } from './automaton.ts';
import { NEGATE_PRECEDENCE, NOT_PRECEDENCE, type Operator, operatorOf, PIPE_PRECEDENCE } from './operators.ts';
import { productions } from './productions.ts';
import * as t from './tokens.ts';

export interface SyntaxErrorMessage {
  readonly message: string;
  /** Where: the first character of the token that does not fit, or the end of the file. */
  readonly offset: number;
}

/** More expectations than these and Nix keeps them all to itself. */
const MOST_EXPECTATIONS = 4;

/** The first syntax or lexical error among `tokens`, which are known to have one. */
export function syntaxErrorOf(tokens: readonly t.NixToken[], rule: 'file' | 'replBindings'): SyntaxErrorMessage {
  const found = findSyntaxError(tokens, rule);
  if (!found) throw new Error('the parser refuses what the grammar accepts');
  return found;
}

/** As syntaxErrorOf, but undefined where nothing is wrong. */
export function findSyntaxError(
  tokens: readonly t.NixToken[],
  rule: 'file' | 'replBindings',
): SyntaxErrorMessage | undefined {
  tables ??= readProductions();
  states ??= buildAutomaton(tables);
  const input = tokens.map(({ tokenType }) => t.terminals.indexOf(tokenType));
  // The REPL's lexer announces bindings by a token that no text has.
  const announced = rule === 'replBindings' ? [t.terminals.indexOf(t.ReplBindings)] : [];
  const stuck = findError(states, tables.rules, [...announced, ...input]);
  if (!stuck) return undefined;
  const token = tokens[stuck.index - announced.length]!;
  if (token.tokenType === t.LexicalError) return { message: token.image, offset: token.startOffset };
  const atEnd = token.tokenType === t.EndOfFile;
  return {
    message: describe(token.tokenType.LABEL!, stuck.expected),
    offset: atEnd ? token.end : token.startOffset,
  };
}

let tables: GrammarTables | undefined;
let states: State[] | undefined;

function describe(unexpected: string, expected: readonly number[]): string {
  const message = `syntax error, unexpected ${unexpected}`;
  if (expected.length === 0 || expected.length > MOST_EXPECTATIONS) return message;
  return `${message}, expecting ${expected.map((terminal) => t.terminals[terminal]!.LABEL).join(' or ')}`;
}

function readProductions(): GrammarTables {
  const lines = productions.trim().split('\n');
  const terminalCount = t.terminals.length;
  const numbers = new Map<string, number>(t.terminals.map(({ name }, i) => [name, i]));
  for (const line of lines) {
    const left = /^(\w+):/.exec(line)?.[1];
    if (left !== undefined) numbers.set(left, numbers.size);
  }
  const operators = new Map<number, Operator>();
  t.terminals.forEach((type, i) => {
    const operator = operatorOf(type.tokenTypeIdx!);
    if (operator && operator.precedence > PIPE_PRECEDENCE) operators.set(i, operator);
  });

  const accept = numbers.size;
  const rules: Rule[] = [{ left: accept, right: [numbers.get('start')!, 0], precedence: undefined }];
  let left = '';
  for (const line of lines) {
    const [, name, body] = /^(\w*)\s*[:|](.*)$/.exec(line)!;
    if (name) left = name;
    const words = body!.trim().split(/\s+/).filter(Boolean);
    const override = words.find((word) => word.startsWith('%'));
    const right = words.filter((word) => word !== override).map((word) => numbers.get(word)!);
    const last = right.findLast((symbol) => symbol < terminalCount);
    const precedence =
      override === undefined
        ? last === undefined
          ? undefined
          : operators.get(last)?.precedence
        : override === '%Not'
          ? NOT_PRECEDENCE
          : NEGATE_PRECEDENCE;
    rules.push({ left: numbers.get(left)!, right, precedence });
  }
  // `!` on the right of an operand is no operator: only its rule has the precedence.
  operators.delete(numbers.get('Not')!);
  return { terminalCount, symbolCount: accept + 1, rules, operators };
}

/**
 * An LALR(1) automaton with default reductions, as the generator that Nix uses (bison) builds it. It parses nothing that
 * matters: it is built when a text has a syntax error, run over the tokens up to the error, and asked what it would have
 * accepted there. That list is part of Nix's messages, and it is an artefact of this very construction: a state that can
 * reduce does so before it looks at what is wrong, and only what is left to shift counts as expected.
 *
 * Construction: LR(0) states; look-ahead sets after DeRemer and Pennello (reads, includes, lookback, as fixed points);
 * conflicts settled by precedence; then the most frequent reduction of each state becomes its default. Sets of terminals
 * are bit sets in a bigint.
 */
import type { Associativity } from './operators.ts';

export interface Rule {
  readonly left: number;
  readonly right: readonly number[];
  readonly precedence: number | undefined;
}

export interface GrammarTables {
  /** Symbols below this number are terminals; terminal 0 is the end of the input. */
  readonly terminalCount: number;
  readonly symbolCount: number;
  /** Rule 0 is the augmented one: start symbol, then terminal 0. */
  readonly rules: readonly Rule[];
  readonly operators: ReadonlyMap<number, { readonly precedence: number; readonly associativity: Associativity }>;
}

export interface State {
  /** What to do on a terminal: the number of the state to go to, or ~rule to reduce by. */
  readonly actions: ReadonlyMap<number, number>;
  readonly gotos: ReadonlyMap<number, number>;
  /** Operators that must not follow here although the default rule would take anything: `a == b == c`. */
  readonly refused: ReadonlySet<number>;
  readonly defaultRule: number | undefined;
  /** Does it reduce whatever comes, without even looking? */
  readonly consistent: boolean;
}

interface Item {
  readonly rule: number;
  readonly dot: number;
}

interface Kernel {
  readonly items: readonly Item[];
  readonly transitions: Map<number, number>;
}

export function buildAutomaton(grammar: GrammarTables): State[] {
  const kernels = buildKernels(grammar);
  const lookaheads = computeLookaheads(grammar, kernels);
  return kernels.map((kernel, i) => buildState(grammar, kernel, lookaheads[i]!));
}

function closure({ rules, terminalCount }: GrammarTables, kernel: readonly Item[]): Item[] {
  const items = [...kernel];
  const added = new Set<number>();
  for (let i = 0; i < items.length; i++) {
    const next = rules[items[i]!.rule]!.right[items[i]!.dot];
    if (next === undefined || next < terminalCount || added.has(next)) continue;
    added.add(next);
    rules.forEach(({ left }, rule) => {
      if (left === next) items.push({ rule, dot: 0 });
    });
  }
  return items;
}

function buildKernels(grammar: GrammarTables): Kernel[] {
  const states: Kernel[] = [{ items: [{ rule: 0, dot: 0 }], transitions: new Map() }];
  const known = new Map<string, number>();
  for (let i = 0; i < states.length; i++) {
    const bySymbol = new Map<number, Item[]>();
    for (const { rule, dot } of closure(grammar, states[i]!.items)) {
      const symbol = grammar.rules[rule]!.right[dot];
      if (symbol === undefined) continue;
      const moved = bySymbol.get(symbol);
      if (moved) moved.push({ rule, dot: dot + 1 });
      else bySymbol.set(symbol, [{ rule, dot: dot + 1 }]);
    }
    for (const [symbol, items] of bySymbol) {
      items.sort((a, b) => a.rule - b.rule || a.dot - b.dot);
      const key = items.map(({ rule, dot }) => `${rule}.${dot}`).join();
      let target = known.get(key);
      if (target === undefined) {
        target = states.push({ items, transitions: new Map() }) - 1;
        known.set(key, target);
      }
      states[i]!.transitions.set(symbol, target);
    }
  }
  return states;
}

/** Rules that a state can reduce by, in order of their numbers. */
function reductions(grammar: GrammarTables, { items }: Kernel): number[] {
  return closure(grammar, items)
    .filter(({ rule, dot }) => dot === grammar.rules[rule]!.right.length)
    .map(({ rule }) => rule)
    .sort((a, b) => a - b);
}

/** For each state, the look-ahead set of each rule that it can reduce by. */
function computeLookaheads(grammar: GrammarTables, kernels: readonly Kernel[]): Map<number, bigint>[] {
  const { rules, terminalCount } = grammar;
  const nullable = nullableSymbols(grammar);
  const width = grammar.symbolCount;
  /** By state * width + nonterminal: the set of terminals that may follow that transition. */
  const follow = new Map<number, bigint>();
  const edges: [from: number, to: number][] = [];
  const lookback = kernels.map(() => new Map<number, number[]>());

  kernels.forEach(({ transitions }, state) => {
    for (const [symbol, target] of transitions) {
      if (symbol < terminalCount) continue;
      const transition = state * width + symbol;
      let direct = 0n;
      for (const next of kernels[target]!.transitions.keys()) {
        if (next < terminalCount) direct |= 1n << BigInt(next);
        else if (nullable.has(next)) edges.push([transition, target * width + next]); // reads
      }
      follow.set(transition, direct);
      rules.forEach(({ left, right }, rule) => {
        if (left !== symbol) return;
        let at = state;
        right.forEach((part, i) => {
          const restIsNullable = right.slice(i + 1).every((other) => nullable.has(other));
          if (part >= terminalCount && restIsNullable) edges.push([at * width + part, transition]); // includes
          at = kernels[at]!.transitions.get(part)!;
        });
        const places = lookback[at]!.get(rule);
        if (places) places.push(transition);
        else lookback[at]!.set(rule, [transition]);
      });
    }
  });

  for (let changed = true; changed; ) {
    changed = false;
    for (const [from, to] of edges) {
      const before = follow.get(from)!;
      const after = before | follow.get(to)!;
      if (after !== before) {
        follow.set(from, after);
        changed = true;
      }
    }
  }

  return lookback.map((byRule) => {
    const sets = new Map<number, bigint>();
    for (const [rule, transitions] of byRule)
      sets.set(
        rule,
        transitions.reduce((set, transition) => set | follow.get(transition)!, 0n),
      );
    return sets;
  });
}

function nullableSymbols({ rules }: GrammarTables): Set<number> {
  const nullable = new Set<number>();
  for (let size = -1; size !== nullable.size; ) {
    size = nullable.size;
    for (const { left, right } of rules) if (right.every((symbol) => nullable.has(symbol))) nullable.add(left);
  }
  return nullable;
}

function buildState(grammar: GrammarTables, kernel: Kernel, lookaheads: Map<number, bigint>): State {
  const { terminalCount, operators } = grammar;
  const rules = reductions(grammar, kernel);
  const gotos = new Map([...kernel.transitions].filter(([symbol]) => symbol >= terminalCount));
  const actions = new Map([...kernel.transitions].filter(([symbol]) => symbol < terminalCount));
  const consistent = rules.length === 1 && actions.size === 0;
  const refused = new Set<number>();
  if (consistent) return { actions, gotos, refused, defaultRule: rules[0], consistent };

  // Shifts beat reductions unless precedence says otherwise; of two reductions the first rule wins.
  for (const rule of rules) {
    const { precedence } = grammar.rules[rule]!;
    const set = lookaheads.get(rule) ?? 0n;
    for (let terminal = 0; terminal < terminalCount; terminal++) {
      if ((set & (1n << BigInt(terminal))) === 0n) continue;
      const operator = operators.get(terminal);
      const conflict = actions.has(terminal);
      if (!conflict) actions.set(terminal, ~rule);
      else if (precedence !== undefined && operator) {
        if (precedence > operator.precedence) actions.set(terminal, ~rule);
        else if (precedence === operator.precedence) {
          if (operator.associativity === 'left') actions.set(terminal, ~rule);
          else if (operator.associativity === 'none') {
            actions.delete(terminal);
            refused.add(terminal);
          }
        }
      }
    }
  }

  let defaultRule: number | undefined;
  let most = 0;
  for (const rule of rules) {
    const count = [...actions.values()].filter((action) => action === ~rule).length;
    if (count > most) [defaultRule, most] = [rule, count];
  }
  if (defaultRule !== undefined)
    for (const [terminal, action] of actions) if (action === ~defaultRule) actions.delete(terminal);
  return { actions, gotos, refused, defaultRule, consistent };
}

/** Where the automaton gets stuck: the index of the token, and the terminals that it could have gone on with. */
export interface Stuck {
  readonly index: number;
  readonly expected: readonly number[];
}

/** Runs over a sequence of terminals; undefined where it accepts it. A number that is no terminal gets it stuck. */
export function findError(
  states: readonly State[],
  rules: readonly Rule[],
  input: readonly number[],
): Stuck | undefined {
  const stack = [0];
  for (let index = 0; ; ) {
    const state = states[stack[stack.length - 1]!]!;
    const action = state.consistent ? undefined : state.actions.get(input[index]!);
    if (action !== undefined && action >= 0) {
      if (input[index] === 0) return undefined;
      stack.push(action);
      index++;
      continue;
    }
    const refused = !state.consistent && state.refused.has(input[index]!);
    const rule = refused ? undefined : action === undefined ? state.defaultRule : ~action;
    if (rule === undefined) return { index, expected: [...state.actions.keys()].sort((a, b) => a - b) };
    const { left, right } = rules[rule]!;
    stack.length -= right.length;
    stack.push(states[stack[stack.length - 1]!]!.gotos.get(left)!);
  }
}

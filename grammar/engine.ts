/**
 * Chevrotain's parser with a leaner way of running its rules. Chevrotain records the grammar, checks it, and finds out what
 * each decision depends on; that is kept. Its engine, though, pays at every rule and token for what is not wanted here:
 * error recovery, syntax trees, backtracking, hooks, names of rules. So the methods of its DSL that the grammar uses are
 * overridden by ones that do what they mean and no more (test/unit/grammar/parser.test.ts runs the same grammar on
 * Chevrotain's own and compares).
 *
 * - A token has no object; CONSUME gives none. The grammar reads places and texts from the lexer's arrays.
 * - Every decision (`many`, `or`, `option`) has a number of its own in the whole grammar. By it one finds a table made of
 *   Chevrotain's look-ahead function: which alternative is to be taken, by the type of the next token.
 * - What does not follow the grammar is thrown at once. Nothing goes on after it.
 */
import {
  type DSLMethodOpts,
  EmbeddedActionsParser,
  type ILookaheadStrategy,
  type IOrAlt,
  type IParserConfig,
  type IToken,
  LLkLookaheadStrategy,
  type OrMethodOpts,
  type ParserMethod,
  type TokenType,
} from 'chevrotain';
import type { NixLexer } from './lexer.ts';
import { typeOf, vocabulary } from './tokens.ts';

/** The input does not follow the grammar. */
export class GrammarMismatch extends Error {}

type Action<T> = () => T;
type Rule<T> = { readonly originalGrammarAction: Action<T> };

const NO_ALTERNATIVE = -1;
const kindCount = Math.max(...vocabulary.map((type) => type.tokenTypeIdx!)) + 1;
const nothing = new Int32Array(1);

/** Tabulates each decision as Chevrotain prepares it. Options and repetitions: alternative 0 or none. */
class TabulatedLookahead extends LLkLookaheadStrategy {
  readonly tables: Int8Array[] = [];

  override buildLookaheadForAlternation(options: Parameters<ILookaheadStrategy['buildLookaheadForAlternation']>[0]) {
    const decide = super.buildLookaheadForAlternation(options);
    this.add(options.prodOccurrence, (next) => decide.call(next, []) ?? NO_ALTERNATIVE);
    return decide;
  }

  override buildLookaheadForOptional(options: Parameters<ILookaheadStrategy['buildLookaheadForOptional']>[0]) {
    const decide = super.buildLookaheadForOptional(options);
    this.add(options.prodOccurrence, (next) => (decide.call(next) ? 0 : NO_ALTERNATIVE));
    return decide;
  }

  // biome-ignore lint/suspicious/noExplicitAny: stands for a parser, of which look-ahead functions only use one method
  private add(decision: number, decide: (next: any) => number): void {
    if (this.tables[decision]) throw new Error(`two decisions of the grammar have the number ${decision}`);
    const table = new Int8Array(kindCount);
    for (let kind = 0; kind < kindCount; kind++) table[kind] = decide({ LA_FAST: () => ({ tokenTypeIdx: kind }) });
    this.tables[decision] = table;
  }
}

export class LeanParser extends EmbeddedActionsParser {
  /** By a decision's number and the next token's type. Complete when Chevrotain's analysis is done. */
  private decisions: readonly ArrayLike<number>[];
  private lexer: NixLexer | undefined;
  private kinds: Uint8Array = new Uint8Array(1);
  private starts: Int32Array = nothing;
  /** How many tokens are consumed. */
  private at = 0;

  constructor(config: IParserConfig) {
    const lookaheadStrategy = new TabulatedLookahead({ maxLookahead: 1 });
    super(vocabulary, { ...config, maxLookahead: 1, recoveryEnabled: false, lookaheadStrategy });
    this.decisions = lookaheadStrategy.tables;
  }

  /** What the analysis of the grammar found out, to be kept instead of repeated: a letter for each type of token. */
  analysis(): string {
    return this.decisions
      .map((table) => Array.from(table, (alternative) => (alternative + 1).toString(36)).join(''))
      .join();
  }

  /** Takes what `analysis` gave for the same grammar, instead of performSelfAnalysis. */
  protected useAnalysis(analysis: string): void {
    this.decisions = analysis
      .split(',')
      .map((table) => Int8Array.from(table, (digit) => Number.parseInt(digit, 36) - 1));
  }

  protected readFrom(lexer: NixLexer): void {
    this.reset();
    this.lexer = lexer;
    this.kinds = lexer.kinds;
    this.starts = lexer.starts;
    this.at = 0;
  }

  /** Where the next token starts. */
  protected next(): number {
    return this.starts[this.at]!;
  }

  /** The type, as tokenTypeIdx, of a token ahead; 0 is the next. */
  protected kindAhead(distance: number): number {
    return this.kinds[this.at + distance]!;
  }

  /** The token just consumed: its type, its place, its text. */
  protected kind(): number {
    return this.kinds[this.at - 1]!;
  }

  protected start(): number {
    return this.starts[this.at - 1]!;
  }

  protected end(): number {
    return this.lexer ? this.lexer.ends[this.at - 1]! : 0;
  }

  /** Of an identifier the same, faster. */
  protected name(): string {
    return this.lexer ? this.lexer.name(this.at - 1) : '';
  }

  protected text(): string {
    return this.lexer ? this.lexer.text(this.at - 1) : '';
  }

  protected isIndented(): boolean {
    return this.lexer?.isIndented(this.at - 1) ?? false;
  }

  /** Would this option be taken, this repetition begin? For what need not be prepared otherwise. Always while recording. */
  protected ahead(decision: number): boolean {
    return this.RECORDING_PHASE || this.decisions[decision]![this.kinds[this.at]!]! >= 0;
  }

  protected override SUBRULE<T>(rule: ParserMethod<[], T>): T {
    return (rule as unknown as Rule<T>).originalGrammarAction();
  }

  protected override SUBRULE2<T>(rule: ParserMethod<[], T>): T {
    return (rule as unknown as Rule<T>).originalGrammarAction();
  }

  protected override CONSUME(type: TokenType): IToken {
    const kind = this.kinds[this.at++]!;
    if (kind !== type.tokenTypeIdx && !type.categoryMatches!.includes(kind)) throw new GrammarMismatch();
    return undefined as unknown as IToken;
  }

  protected override CONSUME2(type: TokenType): IToken {
    return this.CONSUME(type);
  }

  protected override many<T>(decision: number, body: Action<T> | DSLMethodOpts<T>): void {
    const table = this.decisions[decision]!;
    if (table[this.kinds[this.at]!]! < 0) return;
    if (typeof body === 'function') {
      do body();
      while (table[this.kinds[this.at]!]! >= 0);
    } else {
      const { GATE, DEF } = body;
      while (table[this.kinds[this.at]!]! >= 0 && (GATE === undefined || GATE())) DEF();
    }
  }

  protected override option<T>(decision: number, body: Action<T> | DSLMethodOpts<T>): T | undefined {
    if (this.decisions[decision]![this.kinds[this.at]!]! < 0) return undefined;
    return typeof body === 'function' ? body() : body.DEF();
  }

  // biome-ignore-start lint/suspicious/noExplicitAny: Chevrotain's types
  protected override or<A extends readonly IOrAlt<any>[]>(
    decision: number,
    alternatives: [...A] | ({ DEF: [...A] } & Omit<OrMethodOpts<any>, 'DEF'>),
  ): ReturnType<A[number]['ALT']> {
    const choice = this.decisions[decision]![this.kinds[this.at]!]!;
    if (choice < 0) throw new GrammarMismatch();
    return (alternatives as [...A])[choice]!.ALT();
  }
  // biome-ignore-end lint/suspicious/noExplicitAny: Chevrotain's types

  // What Chevrotain's own engine would use.

  protected override LA(howMuch: number): IToken {
    return this.LA_FAST(howMuch);
  }

  protected override LA_FAST(howMuch: number): IToken {
    const kind = this.kinds[this.at + howMuch - 1]!;
    return { tokenTypeIdx: kind, tokenType: typeOf(kind), image: '', startOffset: 0 };
  }

  protected consumeToken(): void {
    this.at++;
  }

  protected exportLexerState(): number {
    return this.at;
  }

  protected resetLexerState(): void {
    this.at = 0;
  }

  protected moveToTerminatedState(): void {}

  /** The grammar itself asks for the end of the file. */
  protected onBeforeParse(): void {}
  protected onAfterParse(): void {}
}

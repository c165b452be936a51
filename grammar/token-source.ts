/**
 * Chevrotain's view of the lexer: instead of a list of all tokens, a small ring that is filled a few tokens ahead of the
 * parser. Tokens so die young, which the garbage collector rewards; parsing a large file is a fifth faster than with a
 * list. Chevrotain keeps the methods below replaceable for this very purpose (lexer_adapter.ts in its source).
 */
import { EmbeddedActionsParser, type IParserConfig, type IToken, type TokenType } from 'chevrotain';
import type { NixLexer } from './lexer.ts';

/** More than the furthest look-ahead and what one step of the lexer makes. */
const AHEAD = 4;

export class LazyTokenParser extends EmbeddedActionsParser {
  private lexer: NixLexer | undefined;
  private ring: IToken[] = [];
  private mask = 0;
  /** How many tokens are consumed. */
  private consumed = 0;

  constructor(vocabulary: TokenType[], config: IParserConfig) {
    super(vocabulary, config);
    // Set by Chevrotain's setter for the whole list; here it only resets the parser.
    this.lexer = undefined;
  }

  protected readFrom(lexer: NixLexer): void {
    this.input = [];
    this.lexer = lexer;
    this.ring = lexer.ring;
    this.mask = lexer.ring.length - 1;
    this.fill();
  }

  private fill(): void {
    const lexer = this.lexer!;
    while (!lexer.done && lexer.count - this.consumed < AHEAD) lexer.step();
  }

  protected override LA(howMuch: number): IToken {
    return this.ring[(this.consumed + howMuch - 1) & this.mask]!;
  }

  protected override LA_FAST(howMuch: number): IToken {
    return this.ring[(this.consumed + howMuch - 1) & this.mask]!;
  }

  protected consumeToken(): void {
    this.consumed++;
    if (this.lexer!.count - this.consumed < AHEAD && !this.lexer!.done) this.fill();
  }

  protected exportLexerState(): number {
    return this.consumed;
  }

  protected resetLexerState(): void {
    this.consumed = 0;
  }

  protected moveToTerminatedState(): void {}

  /** The grammar itself asks for the end of the file. */
  protected onBeforeParse(): void {}
  protected onAfterParse(): void {}
}

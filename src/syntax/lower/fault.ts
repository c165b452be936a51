import type { Offset } from '../nodes.ts';

/** An error found while lowering: message and place, before the source's positions are known. parse.ts makes it a NixError. */
export class SyntaxFault extends Error {
  readonly offset: Offset;
  readonly hint: string | undefined;

  constructor(message: string, offset: Offset, hint?: string) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

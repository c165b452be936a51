/**
 * What Nix can be told to warn about, or refuse, in literals (settings lint-url-literals, lint-absolute-path-literals
 * and lint-short-path-literals). Nothing by default.
 */
import type { Offset } from '../nodes.ts';
import { SyntaxFault } from './fault.ts';

export type LintLevel = 'ignore' | 'warn' | 'fatal';

export interface LintSettings {
  readonly urlLiterals?: LintLevel;
  readonly absolutePathLiterals?: LintLevel;
  readonly shortPathLiterals?: LintLevel;
}

/** Something that is allowed but doubtful; without `offset` the message says itself where. */
export interface Doubt {
  readonly message: string;
  readonly offset: Offset | undefined;
}

export class Lints {
  private readonly settings: LintSettings;
  private readonly warn: ((doubt: Doubt) => void) | undefined;

  constructor(settings: LintSettings, warn: ((doubt: Doubt) => void) | undefined) {
    this.settings = settings;
    this.warn = warn;
  }

  uri(literal: string, offset: Offset): void {
    const level = this.settings.urlLiterals;
    const verdict = level === 'fatal' ? 'disallowed' : 'discouraged';
    const message = `URL literals are ${verdict}. Consider using a string literal "${literal}" instead`;
    this.report(level, `${message} (lint-url-literals)`, offset);
  }

  path(literal: string, offset: Offset): void {
    const { absolutePathLiterals, shortPathLiterals } = this.settings;
    if (absolutePathLiterals !== undefined && /^[/~]/.test(literal)) {
      const kind = literal.startsWith('~') ? 'home' : 'absolute';
      const advice = `Consider replacing path literal '${literal}' by a string, relative path, or parameter`;
      const message = `${kind} path literals are not portable. ${advice} (lint-absolute-path-literals)`;
      this.report(absolutePathLiterals, message, offset);
    } else if (shortPathLiterals !== undefined && !/^[./~]/.test(literal)) {
      const message = `relative path literal '${literal}' should be prefixed with '.' for clarity: './${literal}'`;
      this.report(shortPathLiterals, `${message} (lint-short-path-literals)`, offset);
    }
  }

  private report(level: LintLevel | undefined, message: string, offset: Offset): void {
    if (level === 'fatal') throw new SyntaxFault(message, offset);
    if (level === 'warn') this.warn?.({ message, offset });
  }
}

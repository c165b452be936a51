/**
 * The REPL's scope: variables that lines have bound, over the global ones. Each line is compiled on its own and sees the
 * scope as it was then.
 */
import { readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Map as PersistentMap } from 'immutable';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, resolvePosition } from '../errors/position.ts';
import { Source } from '../errors/source.ts';
import { internalFile } from '../eval/internal-files.ts';
import { Attrs } from '../runtime/attrs.ts';
import { forceAttrs } from '../runtime/coerce.ts';
import { coerceToPath } from '../runtime/coerce-path.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import { Lambda, Primop, PrimopApp } from '../runtime/function.ts';
import { isNixString, NixPath, type Slot, type Value } from '../runtime/value.ts';
import { documentation } from './documentation.ts';
import type { Evaluation } from './evaluation.ts';

/** The text ends in the middle of an expression: more lines are to follow. */
export class IncompleteInput extends Error {}

/** A file, or a text that comes with the evaluator; the line counts from 1, 0 is none. */
export type Definition =
  | { readonly file: string; readonly line: number }
  | { readonly name: string; readonly text: string; readonly line: number };

export interface AddedNames {
  readonly sorted: readonly string[];
  readonly inOrder: readonly string[];
}

export class ReplSession {
  private readonly evaluation: Evaluation;
  /** Persistent: each line's variables are those of this moment, and binding one more copies nothing. */
  private scope = PersistentMap<string, Slot>();

  constructor(evaluation: Evaluation) {
    this.evaluation = evaluation;
  }

  clear(): void {
    this.scope = PersistentMap();
  }

  /** `final`: there are no more lines; what is unfinished is an error. `shown` is what errors show instead of the text. */
  evaluate(text: string, final = false, shown = text): Value {
    const { session, directory } = this.evaluation;
    const source = new Source(text, { kind: 'string' }, shown);
    return unfinished(final, source, () => session.evalText(source, directory, this.scope));
  }

  /** `x = 1; inherit (e) y;`: binds and gives true; false where the text is no binding. */
  bind(text: string, final: boolean): boolean {
    const { session, directory } = this.evaluation;
    if (!looksLikeBinding(text)) return false;
    const bindings = (whole: string) =>
      session.evalBindings(new Source(whole, { kind: 'string' }, text), directory, this.scope);
    let bound: Attrs;
    try {
      // The last semicolon may be left out.
      bound = bindings(/;\s*$/.test(text) ? text : `${text};`);
    } catch (error) {
      if (final || !(error instanceof NixError) || error.class !== 'ParseError') throw error;
      // `f = a:` goes on in the next line, though `f = a:;` is plainly wrong.
      const asWritten = new Source(text, { kind: 'string' });
      unfinished(final, asWritten, () => session.evalBindings(asWritten, directory, this.scope));
      throw error;
    }
    this.add(bound);
    return true;
  }

  /** Adds the attributes of a set to the scope. Gives their names in byte order, and as they are in the set. */
  addAttributes(value: Value): AddedNames {
    const set = forceAttrs(value, NO_POS, 'while evaluating an attribute set to be merged in the global scope');
    this.add(set);
    return { sorted: set.sortedKeys(), inOrder: set.keys() };
  }

  private add(set: Attrs): void {
    this.scope = this.scope.withMutations((scope) => set.forEach((name, slot) => void scope.set(name, slot)));
  }

  // Completion

  /** What may stand instead of the whole line. Errors of evaluation give no completions. */
  complete(line: string): string[] {
    const [, before, current] = /^([\s\S]*[ \n\r\t(){}[\]])?(\S*)$/.exec(line) ?? [];
    if (current === undefined) return [];
    const rest = before ?? '';
    if (current.includes('/')) return completePath(current).map((path) => rest + path);
    const dot = current.lastIndexOf('.');
    if (dot < 0) {
      const names = new Set([...this.scope.keys(), ...this.evaluation.session.globals.keys()]);
      return [...names]
        .filter((name) => name.startsWith(current))
        .sort()
        .map((name) => rest + name);
    }
    const subject = current.slice(0, dot);
    const prefix = current.slice(dot + 1);
    try {
      const value = this.evaluate(subject, true);
      if (!(value instanceof Attrs)) return [];
      return value
        .sortedKeys()
        .filter((name) => name.startsWith(prefix))
        .map((name) => `${rest}${subject}.${this.evaluation.printIdentifier(name)}`);
    } catch (error) {
      if (error instanceof NixError) return [];
      throw error;
    }
  }

  // Documentation and source

  documentation(text: string): string {
    return this.evaluation.session.enter(() =>
      documentation(text, {
        parse: (part) => this.evaluation.parse(new Source(part, { kind: 'string' })),
        evaluate: (part, shown) => this.evaluate(part, true, shown),
      }),
    );
  }

  /** Where a function, package or path is defined. */
  definition(text: string): Definition {
    const value = this.evaluate(text, true);
    const { context } = this.evaluation.session;
    if (value instanceof NixPath || isNixString(value)) {
      const what = 'while evaluating the filename to edit';
      const file = coerceToPath(context, NO_POS, value, new ContextBuilder(), what);
      const internal = internalFile(file);
      return internal === undefined ? { file, line: 0 } : { ...internal, line: 0 };
    }
    if (value instanceof Lambda) {
      const position = resolvePosition(value.info.pos);
      const origin = position?.source.origin;
      if (position === undefined || (origin?.kind !== 'file' && origin?.kind !== 'internal'))
        throw new NixError(`'${position?.source.label ?? 'the function'}' cannot be shown in an editor`);
      const { line } = position.source.lineColumn(position.offset);
      return origin.kind === 'file'
        ? { file: origin.path, line }
        : { name: origin.name, text: position.source.text, line };
    }
    if (value instanceof Primop || value instanceof PrimopApp) throw new NixError('a builtin has no source to edit');
    const place = this.evaluation.stringContent(this.evaluation.select(value, 'meta.position'));
    const [, file, line] = /^(.*):(\d+)$/.exec(place ?? '') ?? [];
    if (file === undefined) throw new NixError(`'${text}' has no source location information`);
    return { file, line: Number(line) };
  }
}

/** A name, path of names or `inherit` at the start, and an assignment that is no comparison. */
function looksLikeBinding(text: string): boolean {
  if (/^inherit\b/.test(text)) return true;
  return /^(?:[A-Za-z_][\w'-]*|"(?:[^"\\]|\\.)*")(?:\s*\.\s*(?:[A-Za-z_][\w'-]*|"(?:[^"\\]|\\.)*"))*\s*=(?!=)/.test(
    text,
  );
}

function unfinished<T>(final: boolean, own: Source, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    // Only the REPL's own text counts: an imported file that ends too early is an error.
    if (
      !final &&
      error instanceof NixError &&
      error.class === 'ParseError' &&
      /unexpected end of file/.test(error.message) &&
      resolvePosition(error.pos)?.source === own
    )
      throw new IncompleteInput();
    throw error;
  }
}

function completePath(text: string): string[] {
  const directory = text.slice(0, text.lastIndexOf('/') + 1);
  const prefix = text.slice(directory.length);
  try {
    return readdirSync(resolve(dirname(`${directory}x`)))
      .filter((name) => !name.startsWith('.') && name.startsWith(prefix))
      .sort()
      .map((name) => directory + name);
  } catch {
    return [];
  }
}

/**
 * Gathers the contexts of the strings that go into a new one. Most of the time they are one and the same object, or the
 * first holds all others; then that object is the result and nothing is copied.
 */
import { StringContext } from './context.ts';
import { ContextString, type NixString } from './value.ts';

export class ContextBuilder {
  private shared: StringContext | undefined;
  /** Once there are elements that `shared` lacks: all of them. */
  private own: Set<string> | undefined;
  private last: StringContext | undefined;

  get isEmpty(): boolean {
    return this.shared === undefined && this.own === undefined;
  }

  add(context: StringContext | undefined): void {
    if (context === undefined || context === this.last) return;
    this.last = context;
    if (this.own === undefined) {
      if (this.shared === undefined) {
        this.shared = context;
        return;
      }
      const known = this.shared.elements;
      if (includesAll(known, context.elements)) return;
      if (context.elements.size > known.size && includesAll(context.elements, known)) {
        this.shared = context;
        return;
      }
      this.own = new Set(known);
    }
    for (const element of context.elements) this.own.add(element);
  }

  addElement(element: string): void {
    this.last = undefined;
    if (this.own === undefined) {
      if (this.shared === undefined) {
        this.shared = StringContext.single(element);
        return;
      }
      if (this.shared.elements.has(element)) return;
      this.own = new Set(this.shared.elements);
    }
    this.own.add(element);
  }

  /** What has been gathered; undefined for nothing. */
  build(): StringContext | undefined {
    if (this.own !== undefined) {
      this.shared = StringContext.of(this.own);
      this.own = undefined;
    }
    return this.shared;
  }

  /** A string with what has been gathered. */
  string(text: string): NixString {
    const context = this.build();
    return context === undefined ? text : new ContextString(text, context);
  }
}

function includesAll(large: ReadonlySet<string>, small: ReadonlySet<string>): boolean {
  if (small.size > large.size) return false;
  for (const element of small) if (!large.has(element)) return false;
  return true;
}

/** The context of a string, if it has one. */
export function contextOf(value: NixString): StringContext | undefined {
  return typeof value === 'string' ? undefined : value.context;
}

/** A string with a context, which may be none. */
export function withContext(text: string, context: StringContext | undefined): NixString {
  return context === undefined ? text : new ContextString(text, context);
}

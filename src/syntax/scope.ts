/**
 * Static scopes: which variable means which slot of which environment, decided before anything runs. Each scope is one
 * environment at run time, so the number of scopes between use and binding is the depth to climb. Static bindings win over
 * every `with`, however near; among those the innermost that has the name wins, which only the machine can find out.
 */

/** A slot of an environment. */
export interface Binding {
  readonly slot: number;
  /** Made on first use (`let`, `rec`, formals with a default), by the code at `code`. */
  readonly lazy: boolean;
  /** -1 until it is compiled; `uses` are then the operands to fill in. */
  code: number;
  uses: number[] | undefined;
}

export type Resolved =
  | { readonly kind: 'slot'; readonly depth: number; readonly binding: Binding }
  | { readonly kind: 'global' }
  /** Depths of the enclosing `with` environments, innermost first. */
  | { readonly kind: 'with'; readonly depths: readonly number[] };

export class Scope {
  readonly parent: Scope | undefined;
  /** Undefined for the environment of a `with`. */
  private readonly names: Map<string, Binding> | undefined;
  private slots = 0;

  private constructor(parent: Scope | undefined, names: Map<string, Binding> | undefined) {
    this.parent = parent;
    this.names = names;
  }

  static binding(parent: Scope | undefined): Scope {
    return new Scope(parent, new Map());
  }

  static with(parent: Scope | undefined): Scope {
    return new Scope(parent, undefined);
  }

  /** Number of slots handed out. */
  get size(): number {
    return this.slots;
  }

  /** Takes the next slot for a name; without a name the slot is for the compiler's own use. */
  add(name: string | undefined, lazy: boolean): Binding {
    const binding: Binding = { slot: ++this.slots, lazy, code: -1, uses: undefined };
    if (name !== undefined) this.names!.set(name, binding);
    return binding;
  }

  /** Undefined: there is no such variable. */
  resolve(name: string, globals: { has(name: string): boolean }): Resolved | undefined {
    let withs: number[] | undefined;
    let depth = 0;
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent, depth++) {
      if (scope.names === undefined) (withs ??= []).push(depth);
      else {
        const binding = scope.names.get(name);
        if (binding !== undefined) return { kind: 'slot', depth, binding };
      }
    }
    if (globals.has(name)) return { kind: 'global' };
    return withs && { kind: 'with', depths: withs };
  }
}

/**
 * A session is one evaluation: its settings, its host, the global variables, and what it has imported so far, each file
 * once. Here syntax, compiler, machine and builtins are joined; nothing else knows all of them.
 *
 * One thread runs one session at a time: call depth and --show-trace are the thread's (runtime/stack.ts), and are set
 * anew whenever a session is entered from outside.
 */

import { decodeBytes } from '../base/bytes.ts';
import { flakeTree } from '../builtins/flake/flake-tree.ts';
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import { Source } from '../errors/source.ts';
import type { Warning } from '../errors/warning.ts';
import type { Attrs } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import type { EvalContext, EvalSettings } from '../runtime/eval-context.ts';
import { call1 } from '../runtime/function.ts';
import type { Host } from '../runtime/host.ts';
import { run } from '../runtime/machine.ts';
import type { MachineSession } from '../runtime/machine-load.ts';
import { absolutePath, canonicalPath, joinPath, parentPath } from '../runtime/path-text.ts';
import { type CallObserver, calls, expectLongRun, isStackOverflow, NeedsLargerStack } from '../runtime/stack.ts';
import { force, lazy, type Thunk } from '../runtime/thunk.ts';
import type { Slot, Value } from '../runtime/value.ts';
import type { LintSettings } from '../syntax/lower/lints.ts';
import { enabledBuiltins, makeGlobals } from './globals.ts';
import { internalFile, internalPath } from './internal-files.ts';
import { literalFile } from './literal-file.ts';
import { LookupPath } from './lookup-path.ts';
import { realiseContext } from './realise-context.ts';
import { RestrictedHost } from './restricted-host.ts';
import { type CodeCache, UnitLoader } from './units.ts';

export interface SessionOptions {
  readonly host: Host;
  readonly settings: EvalSettings;
  readonly builtins: readonly Builtin[];
  /** Errors tell each function call that they pass through. */
  readonly showTrace?: boolean;
  /** Told of each call of a function written in Nix, and of each file that is evaluated. */
  readonly observer?: CallObserver | undefined;
  /** The result is going to be shown with what is not evaluated in it. */
  readonly observeThunks?: boolean;
  readonly cache?: CodeCache;
  /** What of literals is warned about or refused; nothing by default. */
  readonly lint?: LintSettings;
  /** Called once if an evaluation turns out to be long: time to let the JavaScript engine optimise. */
  readonly onLongRun?: () => void;
  /** What the parser finds doubtful. */
  readonly warn?: (warning: Warning) => void;
}

/** Variables that a text sees besides the global ones. */
export type Variables = Pick<Attrs, 'has' | 'get'>;

export function createSession(options: SessionOptions): Session {
  return new Session(options);
}

export class Session {
  readonly context: EvalContext;
  /** Every variable that all expressions see; for completion. */
  readonly globals: ReadonlyMap<string, Slot>;
  private readonly host: Host;
  private readonly showTrace: boolean;
  private readonly observer: CallObserver | undefined;
  private readonly observeThunks: boolean;
  private readonly loader: UnitLoader;
  private readonly machine: MachineSession;
  private readonly files = new Map<string, Thunk>();
  /** What `import` was given -> the file that it means. */
  private readonly resolved = new Map<string, string>();
  private onLongRun: (() => void) | undefined;
  private entered = 0;

  constructor(options: SessionOptions) {
    const { settings, cache, warn } = options;
    const host = restricted(options.host, settings);
    this.host = host;
    this.showTrace = options.showTrace ?? false;
    this.observer = options.observer;
    this.observeThunks = options.observeThunks ?? false;
    const lookupPath = new LookupPath(host, settings, (reference) => flakeTree(context, reference));
    const enabled = enabledBuiltins(options.builtins, settings);
    const derivation = lazy(() => this.evaluateFile(internalPath('derivation-internal.nix')));
    this.onLongRun = options.onLongRun;
    const context: EvalContext = {
      host,
      settings,
      get builtins() {
        return globals.builtins;
      },
      importFile: (path) => this.importFile(path),
      scopedImport: (scope, path) => this.scopedImport(scope, path),
      readLiteralFile: (path) =>
        literalFile(path, this.loader.parse(sourceOf(path, host.readFile(path)), parentPath(path))),
      internalFile: (name) => this.evaluateFile(internalPath(name)),
      findFile: (entries, name, pos) => lookupPath.find(entries, name, pos),
      realisePath: (path, elements) => realiseContext(host, settings, path, elements),
      call: (callee: Slot, arg: Slot, pos: Pos) => call1(callee, arg, pos),
    };
    const globals = makeGlobals(enabled, context, derivation);
    this.context = context;
    this.globals = globals.variables;
    this.machine = { globals: globals.variables, context };
    this.loader = new UnitLoader(
      {
        homeDirectory: settings.pureEval ? undefined : homeDirectory(host),
        pipeOperators: settings.experimentalFeatures.has('pipe-operators'),
        pureEval: settings.pureEval,
        ...(options.lint ? { lint: options.lint } : {}),
        warn,
      },
      new Set(globals.variables.keys()),
      cache,
    );
  }

  /**
   * Runs whatever forces values of this session, from outside of it.
   * @throws NeedsLargerStack where this thread's stack is too small for it: run the whole evaluation again in another.
   */
  enter<T>(compute: () => T): T {
    if (this.entered === 0) {
      calls.depth = 0;
      calls.max = this.context.settings.maxCallDepth;
      calls.showTrace = this.showTrace;
      calls.observer = this.observer;
      calls.keepFrames = this.showTrace || this.observer !== undefined;
      expectLongRun(() => {
        this.onLongRun?.();
        this.onLongRun = undefined;
      });
      calls.observeThunks = this.observeThunks;
    }
    const depth = calls.depth;
    this.entered++;
    try {
      return compute();
    } catch (error) {
      throw isStackOverflow(error) ? new NeedsLargerStack() : error;
    } finally {
      this.entered--;
      calls.depth = depth;
    }
  }

  /** The value of a file; of a directory its default.nix. Errors say nothing of it: the user knows what was asked for. */
  evalFile(path: string): Value {
    return this.enter(() => this.evaluateFile(this.resolveFile(canonicalPath(path))));
  }

  /** The value of a text. Relative paths in it start from `basePath`. */
  evalText(source: Source, basePath: string, variables?: Variables): Value {
    return this.enter(() => this.runUnit(this.unitOf(source, basePath, variables), variables));
  }

  /** Compiles a text without running it, for what is wrong with it before it runs. */
  check(source: Source, basePath: string, variables?: Variables): void {
    this.enter(() => this.unitOf(source, basePath, variables));
  }

  /** The set of the REPL's `x = 1; y = x;`, whose values see `variables` but not each other. */
  evalBindings(source: Source, basePath: string, variables: Variables): Attrs {
    return this.enter(() => {
      const unit = this.loader.loadBindings(source, basePath, (name) => variables.has(name));
      return this.runUnit(unit, variables) as Attrs;
    });
  }

  force(slot: Slot, pos: Pos = NO_POS): Value {
    return this.enter(() => force(slot, pos));
  }

  /** Files may have changed: the next import reads them again. */
  forgetFiles(): void {
    this.files.clear();
    this.resolved.clear();
  }

  private unitOf(source: Source, basePath: string, variables: Variables | undefined): Unit {
    return variables === undefined
      ? this.loader.load(() => source, undefined, basePath)
      : this.loader.loadInScope(source, basePath, (name) => variables.has(name));
  }

  private runUnit(unit: Unit, variables?: Variables): Value {
    const { globals, context } = this.machine;
    unit.session =
      variables === undefined
        ? this.machine
        : ({ globals: { get: (name) => variables.get(name) ?? globals.get(name) }, context } satisfies MachineSession);
    return run(unit, unit.entry, []);
  }

  private importFile(path: string): Value {
    let file = this.resolved.get(path);
    if (file === undefined) this.resolved.set(path, (file = this.resolveFile(path)));
    let thunk = this.files.get(file);
    if (thunk === undefined) {
      const resolved = file;
      thunk = lazy(() => inFile(resolved, () => this.evaluateFile(resolved)));
      this.files.set(file, thunk);
    }
    return force(thunk);
  }

  private evaluateFile(path: string): Value {
    const { observer } = this;
    if (observer === undefined) return this.runFile(path);
    observer.enter(path);
    try {
      return this.runFile(path);
    } finally {
      observer.leave();
    }
  }

  private runFile(path: string): Value {
    const internal = internalFile(path);
    let unit: Unit;
    if (internal !== undefined) {
      const source = new Source(internal.text, { kind: 'internal', name: internal.name });
      unit = this.loader.load(() => source, undefined, '/');
    } else unit = this.loadFile(path);
    return this.runUnit(unit);
  }

  private loadFile(path: string): Unit {
    const { host, loader } = this;
    const directory = parentPath(path);
    const state = host.fileState?.(path);
    const file = state === undefined ? undefined : { path, state };
    let bytes: Uint8Array | undefined;
    let source: Source | undefined;
    const readSource = () => (source ??= sourceOf(path, bytes ?? readAgain(host, path)));
    const known = file && loader.loadKnown(file, readSource, directory);
    if (known) {
      host.fileKnown?.(path, known.sha256);
      return known.unit;
    }
    bytes = host.readFile(path);
    return loader.load(readSource, bytes, directory, file);
  }

  private scopedImport(scope: Attrs, path: string): Value {
    const file = this.resolveFile(path);
    const source = sourceOf(file, this.host.readFile(file));
    return this.runUnit(this.unitOf(source, parentPath(file), scope), scope);
  }

  /** Links at the end of the path are followed one by one, so that relative paths start where the file really is. */
  private resolveFile(path: string): string {
    if (internalFile(path) !== undefined) return path;
    let current = path;
    for (let links = 0; ; links++) {
      const type = this.host.fileType(current);
      if (type === 'directory') return joinPath(current, '/default.nix');
      if (type !== 'symlink') return current;
      if (links >= MAX_LINKS) {
        throw new NixError(`too many symbolic links encountered while traversing the path '${path}'`);
      }
      const target = this.host.readLink(current);
      current = canonicalPath(target.startsWith('/') ? target : `${parentPath(current)}/${target}`);
    }
  }
}

const MAX_LINKS = 1024;

function restricted(host: Host, settings: EvalSettings): Host {
  const { pureEval, restrictEval, searchPath, lastSearchPath = [], directory } = settings;
  if (!pureEval && !restrictEval) return host;
  const open = pureEval ? [] : [...searchPath, ...lastSearchPath].map(({ path }) => absolutePath(path, directory));
  return new RestrictedHost(host, { mode: pureEval ? 'pure' : 'restricted', open });
}

/** Only `~/x` needs it, so that nobody has one is no error yet. */
function homeDirectory(host: Host): string | undefined {
  try {
    return host.homeDirectory();
  } catch (error) {
    if (error instanceof NixError) return undefined;
    throw error;
  }
}

function sourceOf(path: string, bytes: Uint8Array): Source {
  return new Source(decodeBytes(bytes), { kind: 'file', path });
}

/** For showing places in it: what happened is more important than that the file is gone meanwhile. */
function readAgain(host: Host, path: string): Uint8Array {
  try {
    return host.readFile(path);
  } catch (error) {
    if (error instanceof NixError) return new Uint8Array();
    throw error;
  }
}

function inFile(path: string, evaluate: () => Value): Value {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof NixError) error.addTrace(`while evaluating the file '${path}':`);
    throw error;
  }
}

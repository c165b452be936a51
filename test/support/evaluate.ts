/**
 * A session over files in memory with a handful of builtins, for tests of the evaluator itself. What the values look like
 * is what `nix eval` would print; errors are told as message and trace lines, each with its line and column.
 */
import { encodeBytes } from '../../src/base/bytes.ts';
import { NixError } from '../../src/errors/nix-error.ts';
import { resolvePosition } from '../../src/errors/position.ts';
import { Source } from '../../src/errors/source.ts';
import { createSession, type Session, type SessionOptions } from '../../src/eval/session.ts';
import { Attrs } from '../../src/runtime/attrs.ts';
import type { Builtin } from '../../src/runtime/builtin.ts';
import { forceAttrs, forceStringNoContext } from '../../src/runtime/coerce.ts';
import type { EvalSettings } from '../../src/runtime/eval-context.ts';
import type { FileType, Host } from '../../src/runtime/host.ts';
import { printValue } from '../../src/runtime/print.ts';
import { force } from '../../src/runtime/thunk.ts';
import { NixPath, type Slot, type Value } from '../../src/runtime/value.ts';
import * as parserModule from '../../src/syntax/parse.ts';
import { setParserLoader } from '../../src/syntax/parser-port.ts';

const pathOf = (slot: Slot) => (force(slot) as NixPath).path;

/** Enough to test the machine with; the real ones are src/builtins. */
const fewBuiltins: Omit<Builtin, 'type'>[] = [
  { name: 'sub', args: ['a', 'b'], doc: '', run: (_, _pos, a, b) => Number(force(a)) - Number(force(b)) },
  { name: 'mul', args: ['a', 'b'], doc: '', run: (_, _pos, a, b) => Number(force(a)) * Number(force(b)) },
  { name: 'lessThan', args: ['a', 'b'], doc: '', run: (_, _pos, a, b) => Number(force(a)) < Number(force(b)) },
  { name: 'import', args: ['path'], doc: '', global: true, run: (ctx, pos, a) => ctx.importFile(pathOf(a), pos) },
  {
    name: 'scopedImport',
    args: ['scope', 'path'],
    doc: '',
    global: true,
    run: (ctx, pos, a, b) => ctx.scopedImport(forceAttrs(a, pos, ''), pathOf(b), pos),
  },
  {
    name: 'throw',
    args: ['message'],
    doc: '',
    global: true,
    run: (_, pos, a) => {
      throw new NixError(forceStringNoContext(a, pos, ''), { class: 'ThrownError', pos });
    },
  },
  {
    name: 'tryEval',
    args: ['e'],
    doc: '',
    run: (_, _pos, a) => {
      try {
        return Attrs.fromObject({ success: true, value: force(a) });
      } catch (error) {
        if (error instanceof NixError && error.catchable) return Attrs.fromObject({ success: false, value: false });
        throw error;
      }
    },
  },
  { name: 'nixPath', args: [], doc: '', run: () => [] },
  { name: 'seq', args: ['a', 'b'], doc: '', run: (_, _pos, a, b) => [force(a), force(b)][1]! },
  {
    name: 'findFile',
    args: ['path', 'name'],
    doc: '',
    run: (ctx, pos, _a, b) => new NixPath(ctx.findFile(ctx.settings.searchPath, force(b) as string, pos)),
  },
];

export interface MemoryFiles {
  /** Absolute path -> text; `-> target` is a symbolic link. */
  readonly files?: Readonly<Record<string, string>>;
  readonly settings?: Partial<EvalSettings>;
  readonly options?: Partial<SessionOptions>;
  /** Receives warnings and traces. */
  readonly messages?: string[];
}

export function testSession({ files = {}, settings = {}, options = {}, messages = [] }: MemoryFiles = {}): Session {
  setParserLoader(() => parserModule);
  const fileType = (path: string): FileType | undefined => {
    const text = files[path];
    if (text !== undefined) return text.startsWith('-> ') ? 'symlink' : 'regular';
    return Object.keys(files).some((name) => name.startsWith(`${path}/`)) ? 'directory' : undefined;
  };
  const host = {
    readFile(path: string) {
      const text = files[path];
      if (text === undefined) throw new NixError(`path '${path}' does not exist`);
      return encodeBytes(text);
    },
    fileType,
    readLink: (path: string) => files[path]!.slice(3),
    realPath: (path: string) => path,
    homeDirectory: () => '/home/me',
    message: (kind: string, text: string) => messages.push(`${kind}: ${text}`),
  } as unknown as Host;
  return createSession({
    host,
    settings: {
      system: 'x86_64-linux',
      pureEval: false,
      restrictEval: false,
      allowedUris: [],
      allowImportFromDerivation: true,
      experimentalFeatures: new Set(),
      traceVerbose: false,
      abortOnWarn: false,
      maxCallDepth: 10_000,
      searchPath: [],
      ...settings,
    },
    builtins: fewBuiltins.map((builtin) => ({ ...builtin, type: '' })),
    ...options,
  });
}

export function show(session: Session, value: Value): string {
  return session.enter(() => printValue(value, { force: true }));
}

/** The value of an expression, printed. */
export function evaluate(text: string, setup?: MemoryFiles): string {
  const session = testSession(setup);
  return show(session, session.evalText(new Source(text, { kind: 'string' }), '/base'));
}

/** The error of an expression: the message with its position, then a line per trace line, innermost first. */
export function evaluationError(text: string, setup?: MemoryFiles): string[] {
  try {
    evaluate(text, setup);
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    const at = (pos: number) => {
      const position = resolvePosition(pos);
      if (!position) return '';
      const { line, column } = position.source.lineColumn(position.offset);
      return ` @${line}:${column}`;
    };
    return [`${error.message}${at(error.pos)}`, ...error.trace.map((line) => `${line.text}${at(line.pos)}`)];
  }
  throw new Error('there was no error');
}

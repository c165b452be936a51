/**
 * Evaluating as the commands do: settings, search path, store and session put together; from files or texts to values,
 * derivations and print-outs. One Evaluation sees one state of the files.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { decodeBytes } from '../base/bytes.ts';
import { isDerivationPath, isStorePath } from '../derivation/store-path.ts';
import { NO_POS } from '../errors/position.ts';
import type { Source } from '../errors/source.ts';
import { findAlongAttrPath } from '../eval/attr-path.ts';
import { autoCall } from '../eval/auto-call.ts';
import { type FoundDerivation, findDerivations, theDerivation } from '../eval/derivations.ts';
import type { Session } from '../eval/session.ts';
import { type Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import { isDerivation } from '../runtime/coerce.ts';
import { coerceToString } from '../runtime/coerce-string.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import { deepForce } from '../runtime/deep-force.ts';
import { call1 } from '../runtime/function.ts';
import type { Host } from '../runtime/host.ts';
import { printValue } from '../runtime/print.ts';
import { printAmbiguous } from '../runtime/print-ambiguous.ts';
import { printJsonValue } from '../runtime/print-json.ts';
import { printName } from '../runtime/print-text.ts';
import { printXml } from '../runtime/print-xml.ts';
import { force, lazy } from '../runtime/thunk.ts';
import { describeType } from '../runtime/type-names.ts';
import { isNixString, type Slot, stringText, type Value } from '../runtime/value.ts';
import { defaultRoot } from '../store/local/layout.ts';
import { LocalStore } from '../store/local/local-store.ts';
import { makeRoot } from '../store/local/roots.ts';
import type { Node } from '../syntax/nodes.ts';
import { DiskCache } from './disk-cache.ts';
import { embeddedSetDirectory } from './embedded-set.ts';
import { EvalCache } from './eval-cache/eval-cache.ts';
import { RecordingHost } from './eval-cache/recording-host.ts';
import type { AutoArg, EvaluationOptions } from './evaluation-options.ts';
import { type Input, Inputs } from './inputs.ts';
import { derivationOf, mainProgram, namedDerivation } from './named-derivations.ts';
import { NodeFiles } from './node-files.ts';
import { NodeHost } from './node-host.ts';
import { NodeStore } from './node-store.ts';
import { type SearchPathEntry, searchPath } from './search-path.ts';
import { openSession } from './session-settings.ts';
import { applySetting, type Settings } from './settings.ts';
import { readSettings } from './settings-files.ts';
import { fetchSynchronously, realiseSynchronously, substituteSynchronously } from './synchronous.ts';
import { userLock } from './user-lock.ts';

export type { AutoArg, EvaluationOptions, FoundDerivation, Input };

const evalCacheBytes = 64 * 1024 * 1024;

/** What --store and the setting `store` mean: a directory; the names that C++ Nix has for its own stores mean ours. */
function storeRoot(text: string, directory: string): string {
  return ['', 'auto', 'local', 'daemon'].includes(text) ? defaultRoot() : resolve(directory, text);
}

export class Evaluation {
  readonly settings: Settings;
  readonly host: NodeHost;
  readonly store: LocalStore;
  readonly directory: string;
  readonly searchPath: readonly SearchPathEntry[];
  private readonly lastSearchPath: readonly SearchPathEntry[];
  messages = 0;
  private readonly options: EvaluationOptions;
  private readonly files: NodeFiles;
  /** What the session asks: the host, or a recorder in front of it. */
  sessionHost: Host;
  private readonly inputs = new Inputs(this);
  private openedSession: Session | undefined;
  private madeAutoArgs: Attrs | undefined;
  /** While an answer is being computed that is to be remembered: what was said. */
  private said: string[] | undefined;

  constructor(options: EvaluationOptions) {
    this.options = options;
    this.directory = options.directory ?? process.cwd();
    const warn = (text: string) => this.message(`warning: ${text}`);
    this.settings = readSettings(process.env, warn);
    for (const [name, text] of options.settings ?? []) {
      const warning = applySetting(this.settings, name, text);
      if (warning !== undefined) warn(warning);
    }
    const root = storeRoot(options.storeRoot ?? this.settings.store, this.directory);
    this.store = new LocalStore({ root, readOnly: options.readOnly });
    this.files = new NodeFiles(root);
    const store: NodeStore = new NodeStore({
      files: this.files,
      store: this.store,
      readOnly: options.readOnly,
      realise: (elements) => realiseSynchronously(this, elements),
      fetch: (request) => fetchSynchronously(this, request),
      substitute: (path) => substituteSynchronously(this, path),
    });
    this.host = new NodeHost(this.files, store, (_kind, text) => this.message(text));
    const { entries, last } = searchPath({
      includes: options.includes ?? [],
      nixPath: this.settings['nix-path'],
      fromEnvironment: process.env.NIX_PATH !== undefined,
      mode: this.settings['pure-eval'] ? 'pure' : this.settings['restrict-eval'] ? 'restricted' : 'open',
      env: process.env,
      xdg: this.settings['use-xdg-base-directories'],
      embedded: embeddedSetDirectory(),
      lock: userLock(process.env),
    });
    this.searchPath = entries;
    this.lastSearchPath = last;
    this.sessionHost = this.host;
  }

  /** Made when first needed: an answer from the evaluation cache needs none. */
  get session(): Session {
    if (this.openedSession) return this.openedSession;
    const { profile, observeThunks } = this.options;
    this.openedSession = openSession({
      host: this.sessionHost,
      settings: this.settings,
      directory: this.directory,
      searchPath: this.searchPath,
      lastSearchPath: this.lastSearchPath,
      profile,
      observeThunks: observeThunks ?? false,
      message: (text) => this.message(text),
    });
    return this.openedSession;
  }

  private get autoArgs(): Attrs {
    this.madeAutoArgs ??= this.makeAutoArgs();
    return this.madeAutoArgs;
  }

  /**
   * The answer to a question about expressions: from the evaluation cache, where everything that it depends on is as it
   * was; else computed. `question` names all that the command puts in (settings, arguments and search path are added);
   * an answer is JSON. `usable` may refuse a remembered answer (a .drv that is gone from the store).
   */
  remember<T>(question: object, compute: () => T, usable: (answer: T) => boolean = () => true): T {
    const { settings, searchPath: path, lastSearchPath: last, directory, options } = this;
    const arguments_ = options.autoArgs ?? [];
    if (
      !this.settings['eval-cache'] ||
      this.openedSession ||
      options.profile ||
      arguments_.some(({ kind }) => kind === 'stdin')
    )
      return compute();
    const cache = new EvalCache(new DiskCache(process.env, 'eval', evalCacheBytes), this.host);
    const args = arguments_.map((arg) => (arg.kind === 'file' ? { ...arg, content: this.argumentText(arg) } : arg));
    const { readOnly, inNixShell } = options;
    const root = this.store.layout.root;
    const asked = cache.question(
      { question, settings, path, last, directory, args, readOnly, inNixShell, root },
      { confidential: args.length > 0 },
    );
    const known = cache.get(asked);
    if (known && usable(known.answer as T)) {
      for (const text of known.messages) this.message(text);
      return known.answer as T;
    }
    const recorder = new RecordingHost(this.host);
    this.sessionHost = recorder;
    this.said = [];
    const answer = compute();
    cache.put(asked, recorder, { answer, messages: this.said });
    this.said = undefined;
    return answer;
  }

  private message(text: string): void {
    this.said?.push(text);
    if (this.messages++ >= (this.options.skipMessages ?? 0))
      (this.options.onMessage ?? ((line) => process.stderr.write(`${line}\n`)))(text);
  }

  private makeAutoArgs(): Attrs {
    const args = new AttrsBuilder();
    if (this.options.inNixShell) args.set('inNixShell', true);
    for (const { name, kind, text } of this.options.autoArgs ?? [])
      args.set(
        name,
        kind === 'expression'
          ? lazy(() => this.text(text).evaluate())
          : kind === 'string'
            ? text
            : this.argumentText({ kind, text }),
      );
    return args.build();
  }

  private argumentText({ kind, text }: Pick<AutoArg, 'kind' | 'text'>): string {
    return decodeBytes(kind === 'stdin' ? readFileSync(0) : this.files.readFile(resolve(this.directory, text)));
  }

  // Inputs

  text(text: string): Input {
    return this.inputs.text(text);
  }

  standardInput(): Input {
    return this.inputs.standardInput();
  }

  /** A file as commands name it: a path, <name>, a URL of a tarball, or a directory with a default.nix. */
  file(name: string): Input {
    return this.inputs.file(name);
  }

  /** The tree of a text, without looking at its variables. */
  parse(source: Source, basePath = this.directory): Node {
    return this.inputs.parse(source, basePath);
  }

  findFile(name: string): string {
    return this.session.context.findFile(this.searchPath, name, NO_POS);
  }

  forgetFiles(): void {
    this.host.store.forgetFetched();
    this.files.forget();
    this.session.forgetFiles();
  }

  /** A build has added to the store. */
  forgetStoreFiles(): void {
    this.files.forget();
  }

  // Values

  select(root: Slot, attrPath: string): Value {
    return force(findAlongAttrPath(root, attrPath, this.autoArgs).slot);
  }

  autoCall(value: Slot): Value {
    return autoCall(this.autoArgs, value);
  }

  /** Nix calls functions on --eval only when there is something to pass. */
  autoCallIfArgs(value: Value): Value {
    return this.autoArgs.isEmpty ? value : autoCall(this.autoArgs, value);
  }

  apply(callee: Value, value: Value): Value {
    return call1(callee, value, NO_POS);
  }

  derivations(value: Value): FoundDerivation[] {
    return findDerivations(this.session.context, value, this.autoArgs);
  }

  derivation(value: Value): FoundDerivation {
    return theDerivation(this.session.context, value);
  }

  /** What a `.drv`, with or without `!output`, stands for. */
  derivationFile(text: string): FoundDerivation[] {
    return [namedDerivation(this.host, this.store, this.directory, text)];
  }

  /** The .drv path that an argument names: itself, a link to it, or a store path that was built from it. */
  derivationOf(argument: string): string {
    return derivationOf(this.host, this.store, this.directory, argument);
  }

  /** meta.mainProgram of a package, or its name without version. */
  mainProgram(value: Value): string {
    return mainProgram(value, this.autoArgs);
  }

  // Store

  /** Writes the .drv files that have been made, with everything they need. */
  writeDerivations(): void {
    this.host.store.write();
  }

  /** Makes `link` a link to a store path, and a root of the garbage collector. Gives the link's absolute path. */
  addRoot(storePath: string, link: string): string {
    const path = resolve(this.directory, link);
    makeRoot(this.store, path, storePath);
    return path;
  }

  /** Is it a .drv path (perhaps with `!output`) that is in the store, or something else altogether? */
  isInstantiated(text: string): boolean {
    const drvPath = text.trim().split('!')[0]!;
    return (
      !isDerivationPath(drvPath) ||
      !isStorePath(drvPath) ||
      this.options.readOnly ||
      this.store.pathInfo(drvPath) !== undefined
    );
  }

  showDerivations(drvPaths: readonly string[], how: { recursive: boolean; legacy: boolean }): string {
    return showDerivations((path) => this.host.store.readDerivation(path), drvPaths, how);
  }

  // Printing

  print(value: Value, { strict }: { strict: boolean }): string {
    if (strict) deepForce(value);
    return printAmbiguous(value);
  }

  printJson(value: Value, { strict }: { strict: boolean }): string {
    return printJsonValue(this.session.context, value, NO_POS, new ContextBuilder(), { strict });
  }

  printXml(value: Value, how: { strict: boolean; location: boolean }): string {
    return printXml(value, new ContextBuilder(), how);
  }

  printRaw(value: Value, context: string): string {
    return coerceToString(this.session.context, NO_POS, value, new ContextBuilder(), context);
  }

  printForEval(value: Value): string {
    deepForce(value);
    return printValue(value, {
      force: true,
      derivationPaths: true,
      errors: 'throw',
      width: process.stdout.columns ?? 80,
      indent: 2,
    });
  }

  printForRepl(value: Value, { depth, width }: { depth: number | undefined; width: number }): string {
    return printValue(value, {
      force: true,
      derivationPaths: true,
      trackRepeated: true,
      errors: 'throwAtTop',
      indent: 2,
      width,
      ...(depth === undefined ? {} : { maxDepth: depth }),
    });
  }

  describeType(value: Value): string {
    return describeType(value);
  }

  printIdentifier(name: string): string {
    return printName(name);
  }

  /** The text of a string, undefined for any other value. */
  stringContent(value: Value): string | undefined {
    return isNixString(value) ? stringText(value) : undefined;
  }

  isDerivation(value: Value): boolean {
    return isDerivation(value);
  }
}

import { showDerivations } from './derivation-show.ts';

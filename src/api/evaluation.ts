/**
 * Evaluating as the commands do: settings, search path, store and session put together; from files or texts to values,
 * derivations and print-outs. One Evaluation sees one state of the files.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { decodeBytes } from '../base/bytes.ts';
import { builtins } from '../builtins/table.ts';
import { isDerivationPath, isStorePath } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { renderWarning } from '../errors/render.ts';
import { Source } from '../errors/source.ts';
import { findAlongAttrPath } from '../eval/attr-path.ts';
import { autoCall } from '../eval/auto-call.ts';
import { type FoundDerivation, findDerivations, theDerivation } from '../eval/derivations.ts';
import { createSession, type Session } from '../eval/session.ts';
import { type Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import { forceStringNoContext, isDerivation } from '../runtime/coerce.ts';
import { coerceToString } from '../runtime/coerce-string.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import { deepForce } from '../runtime/deep-force.ts';
import { call1 } from '../runtime/function.ts';
import type { FileType, Host } from '../runtime/host.ts';
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
import type { LintSettings } from '../syntax/lower/lints.ts';
import type { Node } from '../syntax/nodes.ts';
import { parser } from '../syntax/parser-port.ts';
import { printExpression } from '../syntax/print.ts';
import { DiskCache } from './disk-cache.ts';
import { embeddedSetDirectory } from './embedded-set.ts';
import { EvalCache } from './eval-cache/eval-cache.ts';
import { RecordingHost } from './eval-cache/recording-host.ts';
import { NodeFiles } from './node-files.ts';
import { NodeHost } from './node-host.ts';
import { NodeStore } from './node-store.ts';
import { optimise } from './optimise.ts';
import { plugInParser } from './parser-loader.ts';
import type { CallProfile } from './profile.ts';
import { type SearchPathEntry, searchPath } from './search-path.ts';
import { applySetting, enabledFeatures, type Settings } from './settings.ts';
import { readSettings } from './settings-files.ts';
import { fetchSynchronously, realiseSynchronously, substituteSynchronously } from './synchronous.ts';
import { userLock } from './user-lock.ts';

export type { FoundDerivation };

const codeCacheBytes = 256 * 1024 * 1024;
const evalCacheBytes = 64 * 1024 * 1024;

export interface AutoArg {
  readonly name: string;
  readonly kind: 'expression' | 'string' | 'file' | 'stdin';
  readonly text: string;
}

export interface EvaluationOptions {
  readonly autoArgs?: readonly AutoArg[];
  /** -I, in order. */
  readonly includes?: readonly string[];
  /** Settings, by name and text, over those of files and environment. */
  readonly settings?: readonly (readonly [string, string])[];
  /** Directory that holds nix/store; by default `/` where it can be written, else one of the user's. */
  readonly storeRoot?: string | undefined;
  /** Nothing is written into the store, store paths are only computed. */
  readonly readOnly: boolean;
  /** What relative paths are relative to; the working directory by default. */
  readonly directory?: string;
  /** Values are going to be printed with what is not evaluated in them. */
  readonly observeThunks?: boolean;
  /** Told where time is spent; nothing is remembered then, nor taken from what was. */
  readonly profile?: CallProfile | undefined;
  /** Pass `inNixShell = true` to a function that takes it. */
  readonly inNixShell?: boolean;
  readonly onMessage?: (text: string) => void;
  /** How often messages are left out: as many as an attempt with a smaller stack has printed. */
  readonly skipMessages?: number;
}

/** What --store and the setting `store` mean: a directory; the names that C++ Nix has for its own stores mean ours. */
function storeRoot(text: string, directory: string): string {
  return ['', 'auto', 'local', 'daemon'].includes(text) ? defaultRoot() : resolve(directory, text);
}

/** A text that was read and can be evaluated, or printed as parsed. */
export interface Input {
  evaluate(): Value;
  printParsed(): string;
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
  private sessionHost: Host;
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
    plugInParser();
    const { settings } = this;
    const { profile } = this.options;
    this.openedSession = createSession({
      host: this.sessionHost,
      builtins: profile?.observe(builtins) ?? builtins,
      observer: profile,
      cache: new DiskCache(process.env, 'code', codeCacheBytes),
      showTrace: settings['show-trace'],
      onLongRun: optimise,
      observeThunks: this.options.observeThunks ?? false,
      lint: this.lint,
      warn: (found) => this.message(renderWarning(found)),
      settings: {
        system: settings['eval-system'] || settings.system,
        pureEval: settings['pure-eval'],
        restrictEval: settings['restrict-eval'],
        allowedUris: settings['allowed-uris'],
        allowImportFromDerivation: settings['allow-import-from-derivation'],
        experimentalFeatures: enabledFeatures(settings),
        traceVerbose: settings['trace-verbose'],
        traceImportFromDerivation: settings['trace-import-from-derivation'],
        abortOnWarn: settings['abort-on-warn'],
        maxCallDepth: settings['max-call-depth'],
        flakeRegistry: settings['flake-registry'],
        useRegistries: settings['use-registries'],
        directory: this.directory,
        searchPath: this.searchPath,
        lastSearchPath: this.lastSearchPath,
      },
    });
    return this.openedSession;
  }

  private get lint(): LintSettings {
    const { settings } = this;
    return {
      urlLiterals: settings['lint-url-literals'],
      absolutePathLiterals: settings['lint-absolute-path-literals'],
      shortPathLiterals: settings['lint-short-path-literals'],
    };
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
    return this.input(new Source(text, { kind: 'string' }));
  }

  standardInput(): Input {
    return this.input(new Source(decodeBytes(readFileSync(0)), { kind: 'stdin' }));
  }

  private input(source: Source): Input {
    return {
      evaluate: () => this.session.evalText(source, this.directory),
      printParsed: () => this.printParsed(source, this.directory),
    };
  }

  /** A file as commands name it: a path, <name>, a URL of a tarball, or a directory with a default.nix. */
  file(name: string): Input {
    const path = this.resolveFile(name);
    return {
      evaluate: () => this.session.evalFile(path),
      printParsed: () =>
        this.printParsed(new Source(decodeBytes(this.files.readFile(path)), { kind: 'file', path }), dirname(path)),
    };
  }

  /** As `--parse` prints it; undefined variables are found too. */
  private printParsed(source: Source, basePath: string): string {
    this.session.check(source, basePath);
    return printExpression(this.parse(source, basePath));
  }

  /** The tree of a text, without looking at its variables. */
  parse(source: Source, basePath = this.directory): Node {
    return parser().parse(source, {
      basePath,
      homeDirectory: this.host.homeDirectory(),
      pipeOperators: this.settings['experimental-features'].includes('pipe-operators'),
      lint: this.lint,
    }).node;
  }

  private resolveFile(name: string): string {
    const path = this.lookUpFile(name);
    if (this.settings['pure-eval'] || this.settings['restrict-eval']) this.session.context.host.checkAccess?.(path);
    const type = this.typeOf(path);
    if (type === undefined) throw this.missingFile(name, path);
    if (type !== 'directory') return path;
    const inside = join(path, 'default.nix');
    if (this.typeOf(inside) === undefined) throw this.missingFile(name, inside);
    return inside;
  }

  /** Links followed; asked through the session's host, so that it counts as observed. */
  private typeOf(path: string): FileType | undefined {
    const own = this.sessionHost.fileType(path);
    if (own !== 'symlink') return own;
    try {
      return this.sessionHost.fileType(this.sessionHost.realPath(path));
    } catch (error) {
      if (error instanceof NixError) return undefined;
      throw error;
    }
  }

  private missingFile(name: string, path: string): NixError {
    const hint =
      name === '.' || name === './default.nix'
        ? 'There is no default.nix here: name the file, or change to its directory.'
        : undefined;
    return new NixError(`path '${path}' does not exist`, { class: 'Error', ...(hint ? { hint } : {}) });
  }

  private lookUpFile(name: string): string {
    if (/^<[^<>]+>$/.test(name)) return this.findFile(name.slice(1, -1));
    if (/^(?:channel:|[a-z][a-z0-9+.-]*:\/\/)/i.test(name)) return this.fetchTarball(name);
    return resolve(this.directory, name);
  }

  /** A file argument that is the address of a tarball: fetched and unpacked, as builtins.fetchTarball does. */
  private fetchTarball(address: string): string {
    const url = address.startsWith('channel:')
      ? `https://channels.nixos.org/${address.slice('channel:'.length)}/nixexprs.tar.xz`
      : address;
    return this.host.store.fetch({ kind: 'tarball', url, name: 'source' }).storePath;
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
    const [file, output] = text.split('!');
    const drvPath = this.derivationOf(file!);
    const drv = this.host.store.readDerivation(drvPath);
    const outputName = output ?? drv.env.get('outputName') ?? 'out';
    if (!drv.outputs.has(outputName))
      throw new NixError(`derivation '${drvPath}' does not have output '${outputName}'`);
    return [{ attrPath: '', name: drv.name, drvPath, outputName }];
  }

  /** The .drv path that an argument names: itself, a link to it, or a store path that was built from it. */
  derivationOf(argument: string): string {
    const path = this.files.realPath(resolve(this.directory, argument));
    const object = /^\/nix\/store\/[^/]+/.exec(this.store.logicalPath(path) ?? path)?.[0];
    if (object === undefined)
      throw new NixError(`'${argument}' is neither a store path nor a link to one`, { class: 'UsageError' });
    if (isDerivationPath(object)) return object;
    const deriver = this.store.pathInfo(object)?.deriver;
    if (deriver === undefined || !this.store.pathInfo(deriver))
      throw new NixError(`'${object}' does not have a known deriver`, { class: 'StoreError' });
    return deriver;
  }

  /** meta.mainProgram of a package, or its name without version. */
  mainProgram(value: Value): string {
    const name = (path: string): string | undefined => {
      try {
        return forceStringNoContext(findAlongAttrPath(value, path, this.autoArgs).slot, NO_POS, '');
      } catch (error) {
        if (error instanceof NixError && /not found$/.test(error.message)) return undefined;
        throw error;
      }
    };
    return name('meta.mainProgram') ?? name('pname') ?? (name('name') ?? '').replace(/-[^a-zA-Z].*$/, '');
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

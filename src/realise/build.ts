/**
 * Builds one derivation whose inputs are valid: locks its outputs against other processes, looks again whether somebody
 * else has made them meanwhile, runs the builder, registers what it made. Everything is made in a staging directory of
 * this process' session; a process that is killed leaves nothing valid behind, and the next one removes the rest.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { Derivation } from '../derivation/derivation.ts';
import { outputPath } from '../derivation/output-paths.ts';
import { NixError } from '../errors/nix-error.ts';
import type { LocalStore } from '../store/local/local-store.ts';
import { buildContext, downloadFor } from './build-context.ts';
import { isDiskFull, keepBuildDirectory } from './build-directory.ts';
import { BuildLog } from './build-log.ts';
import { BuilderFailed, runProcessBuilder } from './builders/process/run.ts';
import type { SandboxSettings } from './builders/process/sandbox.ts';
import type { BuiltinBuilder } from './builtin.ts';
import type { DerivationOptions } from './derivation-options.ts';
import type { Downloader } from './download/download.ts';
import {
  builderFailed,
  builtinFailed,
  cannotCheck,
  exitCodes,
  interrupted,
  timedOut,
  unknownBuiltin,
} from './failures.ts';
import type { KnownPaths } from './known-paths.ts';
import { type IdentifiedOutput, referenceable, registerOutputs } from './register-outputs.ts';
import type { BuildReporter } from './reporter.ts';
import type { Semaphore } from './semaphore.ts';
import type { BuilderThreads } from './threads/pool.ts';

export interface BuildSettings {
  readonly store: LocalStore;
  readonly known: KnownPaths;
  readonly builtinBuilders: readonly BuiltinBuilder[];
  readonly downloader: Downloader | undefined;
  /** Asked for before the first process builder runs; may itself realise something. */
  readonly sandbox: (signal: AbortSignal) => Promise<SandboxSettings | false | undefined>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** NIX_BUILD_CORES. */
  readonly cores: number;
  readonly slots: Semaphore;
  readonly threads: BuilderThreads;
  readonly keepFailed: boolean;
  /** Seconds; 0: no limit. */
  readonly timeout: number;
  readonly maxSilentTime: number;
  /** How many of the log's last lines a failure shows; undefined: none, for they were printed. */
  readonly logLines: number | undefined;
  readonly logCommand: string;
  readonly reporter: BuildReporter;
}

export interface Build {
  readonly drvPath: string;
  readonly drv: Derivation;
  readonly options: DerivationOptions;
  /** Rebuild what is valid, and compare. */
  readonly check: boolean;
  readonly signal: AbortSignal;
}

/** Resolves when all outputs are valid; rejects with the NixError that says why not. */
export async function buildDerivation(build: Build, settings: BuildSettings): Promise<void> {
  const { drvPath, drv, check, signal } = build;
  const { store, known, slots } = settings;
  const outputs = new Map([...drv.outputs].map(([name, output]) => [name, outputPath(output)!]));
  const builtin = findBuiltin(drv, settings);
  const sandbox = builtin ? undefined : await settings.sandbox(signal);
  const key = `${drv.name}\0${drvPath}`;
  let slot = builtin?.waits ? undefined : await slots.acquire(key, signal);
  try {
    let waited = false;
    const lock = await store.lockPaths(outputs.values(), {
      signal,
      onWait: () => {
        // Somebody else builds it. That must not keep this process from building other things.
        if (!waited) settings.reporter.report({ kind: 'waitingForLock', drvPath, paths: [...outputs.values()] });
        waited = true;
        slot?.release();
      },
    });
    try {
      const valid = [...outputs.values()].every((path) => known.isValid(path));
      if (check && !valid) throw cannotCheck(drvPath);
      if (!check && valid) return;
      if (waited && slot) slot = await slots.acquire(key, signal);
      await new BuildRun(build, settings, outputs, builtin, sandbox).run();
    } finally {
      lock.release();
    }
  } finally {
    slot?.release();
  }
}

function findBuiltin(drv: Derivation, settings: BuildSettings): BuiltinBuilder | undefined {
  if (!drv.builder.startsWith('builtin:')) return undefined;
  const name = drv.builder.slice('builtin:'.length);
  const found = settings.builtinBuilders.find((one) => one.name === name);
  return found ?? { name, build: () => Promise.reject(unknownBuiltin(name)) };
}

interface MadeOutputs {
  /** Where an output is. */
  at(output: string): string;
  readonly identified?: ReadonlyMap<string, IdentifiedOutput> | undefined;
}

class BuildRun {
  readonly #build: Build;
  readonly #settings: BuildSettings;
  readonly #outputs: ReadonlyMap<string, string>;
  readonly #builtin: BuiltinBuilder | undefined;
  readonly #sandbox: SandboxSettings | false | undefined;
  readonly #inputClosure: ReadonlySet<string>;
  /** Deleted at the end. */
  readonly #staged: string[] = [];

  constructor(
    build: Build,
    settings: BuildSettings,
    outputs: ReadonlyMap<string, string>,
    builtin: BuiltinBuilder | undefined,
    sandbox: SandboxSettings | false | undefined,
  ) {
    this.#build = build;
    this.#settings = settings;
    this.#outputs = outputs;
    this.#builtin = builtin;
    this.#sandbox = sandbox;
    this.#inputClosure = new Set(settings.known.closure(inputPaths(build.drv, settings.store)));
  }

  async run(): Promise<void> {
    const { drvPath, check, signal } = this.#build;
    const { store, reporter } = this.#settings;
    reporter.report({ kind: 'buildStarted', drvPath, check });
    const log = new BuildLog(store.logPath(drvPath), this.#settings.logLines ?? 1, {
      line: (line) => reporter.report({ kind: 'logLine', drvPath, line }),
      phase: (phase) => reporter.report({ kind: 'phase', drvPath, phase }),
    });
    const limits = this.#limit(log);
    let outcome: 'built' | 'failed' | 'cancelled' = 'failed';
    try {
      const made = this.#builtin
        ? await this.#runBuiltin(this.#builtin, log, limits.signal)
        : await this.#runProcess(log, limits.signal);
      await this.#register(made, limits.signal);
      outcome = 'built';
    } catch (error) {
      if (signal.aborted) outcome = 'cancelled';
      else if (limits.signal.aborted) throw limits.signal.reason;
      throw signal.aborted ? interrupted() : error;
    } finally {
      limits.stop();
      log.close();
      if (log.trouble !== undefined)
        reporter.report({ kind: 'warning', text: `the log is not complete: ${(log.trouble as Error).message}` });
      for (const place of this.#staged) store.discard(place);
      reporter.report({ kind: 'buildEnded', drvPath, outcome });
    }
  }

  async #runBuiltin(builtin: BuiltinBuilder, log: BuildLog, signal: AbortSignal): Promise<MadeOutputs> {
    const { drvPath, drv, options } = this.#build;
    const { store, known, threads } = this.#settings;
    const staged = new Map([...this.#outputs].map(([name, path]) => [name, this.#stage(path)]));
    const temporary = this.#stage('temporary');
    mkdirSync(temporary, { mode: 0o700 });
    const common = { drvPath, drv, outputs: this.#outputs, staged, temporary };
    const logLine = (line: string) => log.writeLine(line);
    let identified: ReadonlyMap<string, IdentifiedOutput> | undefined;
    try {
      if (builtin.threaded && threads.available) {
        const candidates = new Map([...this.#outputs.keys()].map((name) => [name, this.#referenceable(name)]));
        const infos = [...this.#inputClosure].map((path) => known.require(path));
        const job = { ...common, builder: builtin.name, storeRoot: store.layout.root, infos, candidates };
        identified = await threads.run(job, logLine, signal);
      } else
        await builtin.build(
          buildContext({
            ...common,
            structured: options.structured,
            realPath: (path) => store.realPath(path),
            known,
            download: downloadFor({ ...this.#build, ...this.#settings, log, signal }),
            log: logLine,
            signal,
          }),
        );
    } catch (error) {
      signal.throwIfAborted();
      log.writeLine(`error: ${(error as Error).message}`);
      if (error instanceof NixError && error.exitCode === exitCodes.hashMismatch) throw error;
      throw builtinFailed(drvPath, drv, error);
    }
    return { at: (output) => staged.get(output)!, identified };
  }

  #referenceable(output: string): string[] {
    return referenceable({ ...this.#build, inputClosure: this.#inputClosure, outputs: this.#outputs }, output);
  }

  async #runProcess(log: BuildLog, signal: AbortSignal): Promise<MadeOutputs> {
    const { drvPath, drv } = this.#build;
    const { store, environment, cores, logLines, logCommand } = this.#settings;
    const scratch = this.#stage('root');
    const temporary = this.#stage('temporary');
    for (const directory of [scratch, temporary]) mkdirSync(directory, { mode: 0o700 });
    try {
      const physical = await runProcessBuilder({
        ...this.#build,
        store,
        inputClosure: this.#inputClosure,
        outputs: this.#outputs,
        physical: (path) => store.realPath(path),
        scratch,
        temporary,
        sandbox: this.#sandbox,
        cores,
        impureEnvironment: environment,
        log,
        signal,
      });
      return { at: (output) => physical(this.#outputs.get(output)!) };
    } catch (error) {
      if (this.#settings.keepFailed && !this.#build.signal.aborted) {
        const kept = keepBuildDirectory(join(temporary, 'build'), join(store.layout.state, 'builds'), drv.name);
        if (kept) this.#settings.reporter.report({ kind: 'notice', text: `note: keeping build directory '${kept}'` });
      }
      if (!(error instanceof BuilderFailed)) throw error;
      const excerpt = logLines === undefined ? undefined : { lines: log.tail, command: logCommand };
      throw builderFailed(drvPath, drv, error.status, excerpt, isDiskFull(store.layout.objects));
    }
  }

  async #register(made: MadeOutputs, signal: AbortSignal): Promise<void> {
    const { store, known, keepFailed } = this.#settings;
    await registerOutputs({
      ...this.#build,
      store,
      known,
      inputClosure: this.#inputClosure,
      outputs: this.#outputs,
      strict: this.#builtin === undefined && isMainThread,
      madeAt: made.at,
      identified: made.identified,
      keepFailed,
      signal,
    });
  }

  #stage(path: string): string {
    const place = this.#settings.store.stage(path);
    this.#staged.push(place);
    return place;
  }

  /** A signal that also fires when the build takes, or is silent for, too long. */
  #limit(log: BuildLog): { readonly signal: AbortSignal; stop(): void } {
    const { timeout, maxSilentTime } = this.#settings;
    const { drvPath, signal } = this.#build;
    if (timeout === 0 && maxSilentTime === 0) return { signal, stop: () => {} };
    const limit = new AbortController();
    const started = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      if (timeout > 0 && now - started >= timeout * 1000) limit.abort(timedOut(drvPath, timeout, false));
      else if (maxSilentTime > 0 && now - log.lastOutput >= maxSilentTime * 1000)
        limit.abort(timedOut(drvPath, maxSilentTime, true));
    }, 100);
    return { signal: AbortSignal.any([signal, limit.signal]), stop: () => clearInterval(timer) };
  }
}

/** Sources and the needed outputs of other derivations. */
export function inputPaths(drv: Derivation, store: LocalStore): string[] {
  const paths = [...drv.inputSrcs];
  for (const [input, names] of drv.inputDrvs) {
    const outputs = store.derivationOutputs(input);
    for (const name of names) {
      const path = outputs.get(name);
      if (path === undefined)
        throw new NixError(
          `derivation '${drv.name}.drv' requires non-existent output '${name}' from input derivation '${input}'`,
          {
            class: 'BuildError',
          },
        );
      paths.push(path);
    }
  }
  return paths;
}

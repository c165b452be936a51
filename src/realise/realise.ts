/**
 * The way in: wanted paths become valid, by fetching or building what is missing. First the plan is made and reported,
 * then it is carried out. Throws the failure of the one wanted path, or one error for several; failures of what these need
 * are reported as they happen. The error's exit code says what kinds of failures there were.
 */
import { availableParallelism } from 'node:os';
import { outputPath } from '../derivation/output-paths.ts';
import { NixError } from '../errors/nix-error.ts';
import type { LocalStore } from '../store/local/local-store.ts';
import { readDerivation } from '../store/store.ts';
import type { BuildSettings } from './build.ts';
import { hostSandbox, type SandboxSettings } from './builders/process/sandbox.ts';
import type { BuiltinBuilder } from './builtin.ts';
import type { Downloader } from './download/download.ts';
import { exitCodeOf, interrupted, severalFailed } from './failures.ts';
import { KnownPaths } from './known-paths.ts';
import { makePlan, type Plan, type Wanted } from './plan.ts';
import { type BuildReporter, silentReporter } from './reporter.ts';
import { Scheduler } from './scheduler.ts';
import { Semaphore } from './semaphore.ts';
import type { Substituter } from './substitution.ts';
import { BuilderThreads } from './threads/pool.ts';

export interface RealiseOptions {
  readonly store: LocalStore;
  readonly wanted: readonly Wanted[];
  /** x86_64-linux; further systems whose programs this one runs may follow. */
  readonly systems: readonly string[];
  readonly systemFeatures?: readonly string[];
  readonly builtinBuilders?: readonly BuiltinBuilder[];
  /** For built-in builders that fetch; without one they fail. */
  readonly downloader?: Downloader;
  readonly substituters?: readonly Substituter[];
  readonly fallback?: boolean;
  /**
   * Where bubblewrap is; asked once, before the first process builder. It may realise something itself. By default that
   * of the host. false: no sandbox at all, which works with the store at /nix/store only.
   */
  readonly sandbox?: SandboxSettings | false | ((signal: AbortSignal) => Promise<SandboxSettings | false | undefined>);
  /** Builds at once; 0: none may run. */
  readonly jobs?: number | 'auto';
  /** NIX_BUILD_CORES; 0: as many as there are. */
  readonly cores?: number;
  readonly keepGoing?: boolean;
  readonly keepFailed?: boolean;
  readonly check?: boolean;
  /** Ends after the plan. */
  readonly dryRun?: boolean;
  /** Seconds; 0: no limit. */
  readonly timeout?: number;
  readonly maxSilentTime?: number;
  /** Lines of the log that a failure quotes; undefined: none (they were printed as they came). */
  readonly logLines?: number;
  readonly logCommand?: 'nix log' | 'nix-store -l';
  /** What `impureEnvVars` are taken from. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly reporter?: BuildReporter;
  readonly signal?: AbortSignal;
}

export interface RealiseResult {
  readonly plan: Plan;
  /** In the order of `wanted`: output name -> path. A path that is no derivation stands under ''. */
  readonly outputs: readonly ReadonlyMap<string, string>[];
}

export async function realise(options: RealiseOptions): Promise<RealiseResult> {
  const { store, wanted } = options;
  const signal = options.signal ?? new AbortController().signal;
  const reporter = options.reporter ?? silentReporter;
  const known = new KnownPaths(store);
  const substituters = options.substituters ?? [];
  try {
    const plan = await makePlan(wanted, { store, known, substituters, signal });
    if (plan.build.length + plan.fetch.length + plan.unknown.length > 0) reporter.report({ kind: 'plan', plan });
    if (!options.dryRun) await carryOut(options, known, reporter, signal);
    return { plan, outputs: wanted.map((one) => outputsOf(one, store, known)) };
  } catch (error) {
    throw signal.aborted && !(error instanceof NixError) ? interrupted() : error;
  }
}

async function carryOut(
  options: RealiseOptions,
  known: KnownPaths,
  reporter: BuildReporter,
  signal: AbortSignal,
): Promise<void> {
  const jobs = options.jobs === 'auto' || options.jobs === undefined ? availableParallelism() : options.jobs;
  const threads = new BuilderThreads();
  const scheduler = new Scheduler(
    {
      store: options.store,
      known,
      substituters: options.substituters ?? [],
      fallback: options.fallback ?? false,
      builtinBuilders: options.builtinBuilders ?? [],
      downloader: options.downloader,
      sandbox: sandboxProvider(options),
      environment: options.environment ?? {},
      cores: options.cores || availableParallelism(),
      slots: new Semaphore(Math.max(jobs, 1)),
      threads,
      mayBuild: jobs > 0,
      keepGoing: options.keepGoing ?? false,
      keepFailed: options.keepFailed ?? false,
      check: options.check ?? false,
      timeout: options.timeout ?? 0,
      maxSilentTime: options.maxSilentTime ?? 0,
      logLines: options.logLines,
      logCommand: options.logCommand ?? 'nix-store -l',
      systems: options.systems,
      systemFeatures: options.systemFeatures ?? ['benchmark', 'big-parallel', 'nixos-test'],
      reporter,
    },
    signal,
  );
  const failed = await scheduler.realise(options.wanted).finally(() => threads.close());
  signal.throwIfAborted();
  if (failed.size === 0) return;
  const exitCode = exitCodeOf(scheduler.failures);
  const [first, ...more] = failed.values();
  if (more.length === 0) throw withExitCode(first!, exitCode);
  for (const error of failed.values()) reporter.report({ kind: 'error', error });
  throw severalFailed([...failed.keys()], exitCode);
}

function withExitCode(error: NixError, exitCode: number): NixError {
  if (error.exitCode === exitCode) return error;
  const { message, pos, suggestions, hint, cause } = error;
  const changed = new NixError(message, { pos, suggestions, hint, cause, class: error.class, exitCode });
  changed.trace.push(...error.trace);
  return changed;
}

/** Asked once, however many builders need it. */
function sandboxProvider({ sandbox }: RealiseOptions): BuildSettings['sandbox'] {
  let settings: ReturnType<BuildSettings['sandbox']> | undefined;
  return (signal) => {
    if (typeof sandbox === 'function') settings ??= sandbox(signal);
    else settings ??= Promise.resolve(sandbox ?? hostSandbox(process.env.PATH));
    return settings;
  };
}

function outputsOf({ path, outputs }: Wanted, store: LocalStore, known: KnownPaths): Map<string, string> {
  if (outputs === undefined) return new Map([['', path]]);
  // A dry run may name derivations that are not there.
  if (!known.isValid(path)) return new Map();
  const paths = new Map<string, string>();
  for (const [name, output] of readDerivation(store, path).outputs) {
    const known = outputPath(output);
    if (known !== undefined && (outputs === '*' || outputs.includes(name))) paths.set(name, known);
  }
  return paths;
}

/**
 * The graph of goals: a path that is to be fetched, a derivation whose outputs are to be valid, a derivation that is to be
 * built. Each goal exists once, waits for those that it needs, and ends with a result, never with an exception, so that
 * one failure does not tear down what others wait for. Without --keep-going the first failure of a wanted path cancels
 * everything; with it, all that does not need what failed goes on.
 */
import { compareBytewise } from '../base/order.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { NixError } from '../errors/nix-error.ts';
import { readDerivation } from '../store/store.ts';
import { type BuildSettings, buildDerivation } from './build.ts';
import { type DerivationOptions, derivationOptions } from './derivation-options.ts';
import {
  cannotCheck,
  dependenciesFailed,
  experimentalOutputs,
  inputMissing,
  interrupted,
  localBuildsDisabled,
  missingFeatures,
  noSubstitute,
  noSuchOutputs,
  substitutesFailed,
  wrongPlatform,
} from './failures.ts';
import { missingOutputs, type Wanted } from './plan.ts';
import { fetchPath, type Offer, querySubstituters, type Substituter } from './substitution.ts';

export interface SchedulerSettings extends BuildSettings {
  readonly substituters: readonly Substituter[];
  /** Build where fetching fails. */
  readonly fallback: boolean;
  readonly keepGoing: boolean;
  /** Rebuild the wanted derivations and compare. */
  readonly check: boolean;
  /** x86_64-linux, first, and further systems whose programs run here. */
  readonly systems: readonly string[];
  readonly systemFeatures: readonly string[];
  readonly mayBuild: boolean;
}

/** `undefined`: done. 'cancelled': given up because of something else. 'none': no substituter has it. */
type Result = undefined | NixError | 'cancelled' | 'none';

export class Scheduler {
  readonly #settings: SchedulerSettings;
  readonly #signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #goals = new Map<string, Promise<Result>>();
  /** Every failure, once, in the order in which they happened. */
  readonly failures: NixError[] = [];

  constructor(settings: SchedulerSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /** The failures of the wanted paths, in their order; those of what they need are reported as they happen. */
  async realise(wanted: readonly Wanted[]): Promise<Map<string, NixError>> {
    const failed = new Map<string, NixError>();
    try {
      await Promise.all(
        wanted.map(async (one) => {
          const result = await this.#wanted(one);
          if (!(result instanceof NixError)) return;
          failed.set(one.path, result);
          if (!this.#settings.keepGoing) this.#stop.abort(interrupted());
        }),
      );
    } catch (error) {
      this.#stop.abort(interrupted());
      throw error;
    } finally {
      // What was cancelled has to clean up behind itself first. Meanwhile goals may still come up, and end at once.
      for (let seen = -1; seen < this.#goals.size; ) {
        seen = this.#goals.size;
        await Promise.allSettled(this.#goals.values());
      }
    }
    return failed;
  }

  #wanted({ path, outputs }: Wanted): Promise<Result> {
    if (outputs === undefined) return this.#path(path, true);
    return this.#derivation(path, outputs, true);
  }

  /** One goal for each key; its failure is noted once, and reported unless it is a wanted path's (then it is thrown). */
  #goal(key: string, top: boolean, work: () => Promise<Result>): Promise<Result> {
    let goal = this.#goals.get(key);
    if (goal) return goal;
    goal = Promise.resolve()
      .then(work)
      .catch((error: unknown): Result => {
        if (this.#signal.aborted) return 'cancelled';
        if (error instanceof NixError) return error;
        throw error;
      })
      .then((result) => {
        if (!(result instanceof NixError) || this.failures.includes(result)) return result;
        this.failures.push(result);
        if (!top) this.#settings.reporter.report({ kind: 'error', error: result });
        return result;
      });
    this.#goals.set(key, goal);
    return goal;
  }

  /** How many goals failed. Does not wait for the others once one has, unless told to keep going. */
  async #await(goals: readonly Promise<Result>[]): Promise<number> {
    let failed = 0;
    await new Promise<void>((resolve, reject) => {
      let left = goals.length;
      if (left === 0) resolve();
      for (const goal of goals)
        goal.then((result) => {
          if (result !== undefined) failed++;
          if (--left === 0 || (failed > 0 && !this.#settings.keepGoing)) resolve();
        }, reject);
    });
    this.#signal.throwIfAborted();
    return failed;
  }

  /** A store path that no derivation is known for. */
  #path(path: string, top: boolean): Promise<Result> {
    return this.#goal(path, top, async () => {
      const { known, store, reporter, substituters } = this.#settings;
      if (known.isValid(path)) return undefined;
      const offer: Offer | undefined = await querySubstituters(substituters, path, this.#signal);
      if (!offer) return top ? noSubstitute(path) : 'none';
      const references = offer.info.references.filter((reference) => reference !== path);
      const failed = await this.#await(references.map((reference) => this.#path(reference, false)));
      if (failed > 0)
        return new NixError(`some references of path '${path}' could not be realised`, { class: 'BuildError' });
      await fetchPath(store, offer, reporter, this.#signal);
      return undefined;
    });
  }

  #derivation(drvPath: string, outputs: readonly string[] | '*', top: boolean): Promise<Result> {
    const names = outputs === '*' ? '*' : [...outputs].sort(compareBytewise).join(',');
    return this.#goal(`${drvPath}!${names}`, top, async () => {
      const { known, store, check, substituters, fallback } = this.#settings;
      if (!known.isValid(drvPath)) {
        const failed = await this.#await([this.#path(drvPath, false)]);
        if (failed > 0) return noSubstitute(drvPath);
      }
      const drv = readDerivation(store, drvPath);
      const unknown = outputs === '*' ? [] : outputs.filter((name) => !drv.outputs.has(name));
      if (unknown.length > 0) return noSuchOutputs(drvPath, unknown);
      for (const { kind } of drv.outputs.values()) {
        if (kind === 'floating' || kind === 'deferred') return experimentalOutputs(drvPath, 'ca-derivations');
        if (kind === 'impure') return experimentalOutputs(drvPath, 'impure-derivations');
      }
      const missing = missingOutputs(drv, outputs, known);
      if (check && top) return missing.length > 0 ? cannotCheck(drvPath) : this.#build(drvPath, drv, true, top);
      if (missing.length === 0) return undefined;
      if (substituters.length > 0 && derivationOptions(drvPath, drv).allowSubstitutes) {
        const results = await Promise.all(missing.map((path) => this.#path(path, false)));
        this.#signal.throwIfAborted();
        if (results.every((result) => result === undefined)) return undefined;
        const trouble = results.find((result) => result instanceof NixError);
        if (trouble && !fallback) return substitutesFailed(drvPath, trouble);
      }
      return this.#build(drvPath, drv, false, top);
    });
  }

  #build(drvPath: string, drv: Derivation, check: boolean, top: boolean): Promise<Result> {
    return this.#goal(`build ${drvPath}`, top, async () => {
      const options = derivationOptions(drvPath, drv);
      const inputs = [...drv.inputDrvs].map(([input, names]) => this.#derivation(input, [...names], false));
      const failed = await this.#await([
        ...inputs,
        ...[...drv.inputSrcs].map((source) => this.#source(source, drvPath)),
      ]);
      if (failed > 0) return dependenciesFailed(drvPath, drv, failed);
      const rejected = this.#reject(drvPath, drv, options);
      if (rejected) return rejected;
      await buildDerivation({ drvPath, drv, options, check, signal: this.#signal }, this.#settings);
      return undefined;
    });
  }

  async #source(path: string, drvPath: string): Promise<Result> {
    const result = await this.#path(path, false);
    return result === 'none' ? this.#goal(`source ${path}`, false, async () => inputMissing(path, drvPath)) : result;
  }

  #reject(drvPath: string, drv: Derivation, options: DerivationOptions): NixError | undefined {
    const { mayBuild, systems, systemFeatures } = this.#settings;
    if (!mayBuild) return localBuildsDisabled(drvPath);
    // A built-in builder makes the same bytes on every system, for every system.
    if (!drv.builder.startsWith('builtin:') && !systems.includes(drv.system))
      return wrongPlatform(drvPath, drv.system, systems[0] ?? 'unknown');
    const required = options.requiredSystemFeatures;
    if (!drv.builder.startsWith('builtin:') && required.some((feature) => !systemFeatures.includes(feature)))
      return missingFeatures(drvPath, [...required].sort(compareBytewise), systemFeatures);
    return undefined;
  }
}

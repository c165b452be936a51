/** Building the derivations that an evaluation found. */

import { NixError } from '../errors/nix-error.ts';
import type { FoundDerivation } from '../eval/derivations.ts';
import type { BuildReporter } from '../realise/reporter.ts';
import type { Evaluation } from './evaluation.ts';
import { carryOut } from './realisation.ts';

export interface BuildRequest {
  readonly reporter: BuildReporter;
  readonly dryRun?: boolean;
  readonly check?: boolean;
  readonly silent?: boolean;
}

export interface BuildResult {
  readonly drvPath: string;
  readonly outputName: string;
  readonly path: string;
}

/** In the order of `found`; an output name of `*` gives all outputs. With dryRun: nothing. */
export async function buildDerivations(
  evaluation: Evaluation,
  found: readonly Pick<FoundDerivation, 'drvPath' | 'outputName'>[],
  request: BuildRequest,
): Promise<BuildResult[]> {
  const { store, settings } = evaluation;
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    const { outputs } = await carryOut(
      {
        storeRoot: store.layout.root,
        wanted: found.map(({ drvPath, outputName }) => ({
          path: drvPath,
          outputs: outputName === '*' ? '*' : [outputName],
        })),
        settings,
        ...(request.dryRun ? { dryRun: true } : {}),
        ...(request.check ? { check: true } : {}),
        quotesLog: true,
      },
      request.reporter,
      interrupt.signal,
      store,
    );
    if (request.dryRun) return [];
    return found.flatMap(({ drvPath, outputName }, index) => {
      const byName = outputs[index]!;
      const names = outputName === '*' ? [...byName.keys()] : [outputName];
      return names.map((name) => {
        const path = byName.get(name);
        if (path === undefined) throw new NixError(`derivation '${drvPath}' does not have output '${name}'`);
        return { drvPath, outputName: name, path };
      });
    });
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    evaluation.forgetStoreFiles();
  }
}

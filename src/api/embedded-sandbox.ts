/**
 * bubblewrap, of the embedded set: realised by builtin builders alone, and started through its own dynamic loader, so that
 * the host needs neither it nor its libraries. Where the set has none (another processor), that of the host is used.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NixError } from '../errors/nix-error.ts';
import { hostSandbox, type SandboxSettings } from '../realise/builders/process/sandbox.ts';
import type { BuildReporter } from '../realise/reporter.ts';
import { closure } from '../store/store.ts';
import { embeddedSetDirectory } from './embedded-set.ts';
import { Evaluation } from './evaluation.ts';
import { carryOut } from './realisation.ts';
import type { Settings } from './settings.ts';

export async function embeddedSandbox(
  storeRoot: string,
  settings: Settings,
  reporter: BuildReporter,
): Promise<SandboxSettings | undefined> {
  const evaluation = new Evaluation({ storeRoot, readOnly: false, settings: [['system', settings.system]] });
  const { store } = evaluation;
  const outputs: string[] = [];
  try {
    const drvs = evaluation.remember(
      { command: 'sandbox' },
      () => {
        const set = evaluation.text(`import ${embeddedSetDirectory()} { system = "${settings.system}"; }`).evaluate();
        const found = ['bubblewrap', 'busybox'].map((name) => evaluation.derivation(evaluation.select(set, name)));
        evaluation.writeDerivations();
        return found;
      },
      (found) => found.every(({ drvPath }) => evaluation.isInstantiated(drvPath)),
    );
    // Its own progress is of no interest to anybody; its errors are.
    const quiet: BuildReporter = { report: (event) => void (event.kind === 'download' && reporter.report(event)) };
    const wanted = drvs.map(({ drvPath }) => ({ path: drvPath, outputs: ['out'] }));
    const result = await carryOut({ storeRoot, wanted, settings, noProcess: true }, quiet, undefined, store);
    outputs.push(...result.outputs.map((byName) => byName.get('out')!));
  } catch (error) {
    const host = hostSandbox(process.env.PATH);
    if (host) return host;
    throw error instanceof NixError ? error.addTrace('while preparing the sandbox of process builders') : error;
  } finally {
    store.close();
  }
  const [bubblewrap, busybox] = outputs as [string, string];
  const physical = (path: string) => store.realPath(path);
  const triplets = ['x86_64-linux-gnu', 'aarch64-linux-gnu'];
  const libraries = closure(store, [bubblewrap])
    .flatMap((path) =>
      ['lib', ...triplets.map((triplet) => `lib/${triplet}`)].map((folder) => join(physical(path), folder)),
    )
    .filter((folder) => existsSync(folder));
  const loader = libraries
    .flatMap((folder) => ['ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'].map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  store.close();
  return {
    bwrap: join(physical(bubblewrap), 'bin', 'bwrap'),
    ...(loader ? { loader: { path: loader, libraryPath: libraries } } : {}),
    shell: `${busybox}/bin/sh`,
  };
}

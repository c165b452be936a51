/** A store of its own for each test, and derivations made by hand whose builders are the host's shell in the sandbox. */
import { existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Derivation, DerivationOutput } from '../../../src/derivation/derivation.ts';
import { DerivationHashes } from '../../../src/derivation/hash-modulo.ts';
import { fillOutputPaths, fixedOutput, outputPath } from '../../../src/derivation/output-paths.ts';
import { NixError } from '../../../src/errors/nix-error.ts';
import { hostSandbox, type SandboxSettings } from '../../../src/realise/builders/process/sandbox.ts';
import type { RealiseOptions } from '../../../src/realise/realise.ts';
import { realise } from '../../../src/realise/realise.ts';
import type { BuildEvent } from '../../../src/realise/reporter.ts';
import { deleteTree } from '../../../src/store/local/files.ts';
import { LocalStore } from '../../../src/store/local/local-store.ts';
import { useNativeHashes } from '../../../src/store/local/open-store.ts';
import { readDerivation } from '../../../src/store/store.ts';

useNativeHashes();

export const system = 'x86_64-linux';

/** The host's programs, for builders that are shell scripts. */
export function shellSandbox(): SandboxSettings {
  const host = hostSandbox(process.env.PATH);
  if (!host) throw new Error('these tests need bwrap');
  const paths = ['/usr', '/bin', '/lib', '/lib64'].filter((path) => existsSync(path));
  return { ...host, paths: new Map(paths.map((path) => [path, realpathSync(path)])) };
}

export function temporaryDirectory(): string {
  const place = mkdtempSync(join(tmpdir(), 'nixlet-realise-'));
  onTestFinished(() => void deleteTree(place));
  return place;
}

export function openTestStore(root = temporaryDirectory()): LocalStore {
  const store = new LocalStore({ root });
  onTestFinished(() => store.close());
  return store;
}

export interface DerivationSpec {
  readonly name: string;
  readonly builder?: string;
  readonly script?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: readonly string[];
  readonly fixed?: { readonly method: 'flat' | 'nar'; readonly digest: Uint8Array };
  readonly inputs?: readonly string[];
  readonly sources?: readonly string[];
  readonly system?: string;
}

/** Writes a derivation; gives its path. */
export function addDerivation(store: LocalStore, spec: DerivationSpec): string {
  const names = spec.outputs ?? ['out'];
  const fixed =
    spec.fixed &&
    fixedOutput(spec.name, {
      method: spec.fixed.method,
      hash: { algorithm: 'sha256', digest: spec.fixed.digest },
    });
  const outputs = new Map<string, DerivationOutput>(names.map((name) => [name, fixed ?? { kind: 'deferred' }]));
  const env = new Map(Object.entries({ name: spec.name, PATH: '/usr/bin:/bin', ...spec.env }));
  for (const name of names) env.set(name, fixed ? outputPath(fixed)! : '');
  const drv: Derivation = {
    name: spec.name,
    outputs,
    inputDrvs: new Map((spec.inputs ?? []).map((input) => [input, new Set(['out'])])),
    inputSrcs: new Set(spec.sources ?? []),
    system: spec.system ?? system,
    builder: spec.builder ?? '/bin/bash',
    args: spec.args ?? ['-e', '-c', spec.script ?? 'echo hello > $out'],
    env: new Map([...env].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  const hashes = new DerivationHashes((path) => readDerivation(store, path));
  return store.addDerivation(fillOutputPaths(drv, hashes));
}

/** Path of an output of a derivation in the store. */
export function output(store: LocalStore, drvPath: string, name = 'out'): string {
  return outputPath(readDerivation(store, drvPath).outputs.get(name)!)!;
}

export interface Run {
  readonly events: BuildEvent[];
  readonly lines: string[];
  readonly error: NixError | undefined;
}

/** Realises all outputs; events are kept, and the error is given, not thrown. */
export async function run(
  store: LocalStore,
  drvPaths: string | readonly string[],
  options: Partial<RealiseOptions> = {},
): Promise<Run> {
  const events: BuildEvent[] = [];
  let error: NixError | undefined;
  try {
    await realise({
      store,
      wanted: [drvPaths].flat().map((path) => ({ path, outputs: '*' })),
      systems: [system],
      sandbox: shellSandbox(),
      jobs: 2,
      logLines: 25,
      reporter: { report: (event) => void events.push(event) },
      ...options,
    });
  } catch (reason) {
    if (!(reason instanceof NixError)) throw reason;
    error = reason;
  }
  const lines = events.flatMap((event) => (event.kind === 'logLine' ? [event.line] : []));
  return { events, lines, error };
}

/** Builds that began, by name, in order. */
export function started(events: readonly BuildEvent[]): string[] {
  return events.flatMap((event) => (event.kind === 'buildStarted' ? [event.drvPath.slice(44, -4)] : []));
}

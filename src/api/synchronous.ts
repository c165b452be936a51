/**
 * What an evaluation has to wait for (import from derivation, fetchers) runs in a thread of its own, since evaluation is
 * synchronous: this thread sleeps on shared memory until that one is done, and then takes its answer.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type ErrorClass, NixError } from '../errors/nix-error.ts';
import { decodeContextElement } from '../runtime/context.ts';
import type { FetchRequest, FetchResult } from '../runtime/host.ts';
import { LocalStore } from '../store/local/local-store.ts';
import type { Evaluation } from './evaluation.ts';
import type { FetchSettings } from './fetch/fetching.ts';
import { fetchPath } from './fetch/path.ts';
import type { RealiseRequest } from './realisation.ts';

export type Job =
  | { readonly kind: 'realise'; readonly request: RealiseRequest }
  | {
      readonly kind: 'fetch';
      readonly request: FetchRequest;
      readonly storeRoot: string;
      readonly ttl: number;
      readonly settings: FetchSettings;
    };

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly message: string;
      readonly class: ErrorClass;
      readonly exitCode: number;
      readonly hint: string | undefined;
    }
  /** A bug of ours. */
  | { readonly ok: false; readonly stack: string };

function wait(job: Job): unknown {
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  // It ends after its answer, while the next one starts: were it to close what it takes for its open files, among them
  // numbers that sockets have closed long ago, it would close the other's.
  const options = { transferList: [port2], trackUnmanagedFds: false };
  const worker = new Worker(workerFile(), { workerData: { job, signal, port: port2 }, ...options });
  worker.unref();
  Atomics.wait(signal, 0, 0);
  const answer = receiveMessageOnPort(port1)?.message as Answer | undefined;
  port1.close();
  if (answer?.ok) return answer.value;
  if (answer && 'message' in answer) {
    const hint = answer.hint === undefined ? {} : { hint: answer.hint };
    throw new NixError(answer.message, { class: answer.class, exitCode: answer.exitCode, ...hint });
  }
  throw new Error(answer ? answer.stack : 'the thread that builds ended without an answer');
}

/** Beside the bundle, or beside this file. */
function workerFile(): string {
  const [bundled, source] = ['synchronous-worker.js', 'synchronous-worker.ts'].map((name) =>
    join(import.meta.dirname, name),
  );
  return existsSync(bundled!) ? bundled! : source!;
}

export function realiseSynchronously(evaluation: Evaluation, elements: readonly string[]): void {
  const wanted = elements.map((encoded) => {
    const element = decodeContextElement(encoded);
    if (element.kind === 'opaque') return { path: element.path };
    return { path: element.drvPath, ...(element.kind === 'built' ? { outputs: [element.output] } : {}) };
  });
  const { settings, store } = evaluation;
  wait({ kind: 'realise', request: { storeRoot: store.layout.root, wanted, settings, quotesLog: true } });
  evaluation.forgetStoreFiles();
}

/** Where no cache is known, nobody need be asked. */
export function substituteSynchronously(evaluation: Evaluation, path: string): void {
  const { substitute, substituters } = evaluation.settings;
  if (!substitute || substituters.length === 0) return;
  try {
    realiseSynchronously(evaluation, [path]);
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
  }
}

/** Needs no waiting, but a store that can be written. */
function copyPath(request: FetchRequest, root: string): FetchResult {
  const store = new LocalStore({ root });
  try {
    return fetchPath(request, store);
  } finally {
    store.close();
  }
}

export function fetchSynchronously(evaluation: Evaluation, request: FetchRequest): FetchResult {
  const { settings, store } = evaluation;
  const result =
    request.kind === 'path'
      ? copyPath(request, store.layout.root)
      : wait({
          kind: 'fetch',
          request,
          storeRoot: store.layout.root,
          ttl: settings['tarball-ttl'],
          settings,
        });
  evaluation.forgetStoreFiles();
  return result as FetchResult;
}

/**
 * Threads for built-in builders that are heavy on the processor (unpacking, above all). As many as builds may run at once
 * are started, when they are first needed, and end with the realisation. The identification of outputs goes with the
 * build. Figures: docs/decisions/0040-builds.md.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { NixError } from '../../errors/nix-error.ts';
import type { IdentifiedOutput } from '../register-outputs.ts';
import type { ThreadJob, ThreadMessage } from './protocol.ts';

/** Beside the bundle, or beside this file. */
function threadFile(): string | undefined {
  return ['builder-thread.js', 'thread.ts']
    .map((name) => join(import.meta.dirname, name))
    .find((file) => existsSync(file));
}

export class BuilderThreads {
  readonly #file = threadFile();
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  /** False where there is no program for the thread: builders then run in this one. */
  get available(): boolean {
    return this.#file !== undefined;
  }

  /** Runs a builder; the caller limits how many at once. */
  async run(
    job: ThreadJob,
    log: (line: string) => void,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, IdentifiedOutput>> {
    signal.throwIfAborted();
    const worker = this.#idle.pop() ?? this.#start();
    try {
      const result = await talk(worker, job, log, signal);
      this.#idle.push(worker);
      return result;
    } catch (error) {
      // After a failure nobody knows what still goes on in there.
      this.#all.delete(worker);
      await worker.terminate();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  #start(): Worker {
    // Standard output belongs to results; what a thread might print goes nowhere.
    const worker = new Worker(this.#file!, { stdout: true });
    worker.setMaxListeners(0);
    this.#all.add(worker);
    return worker;
  }
}

function talk(
  worker: Worker,
  job: ThreadJob,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, IdentifiedOutput>> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onMessage = (message: ThreadMessage) => {
      if (message.kind === 'log') log(message.line);
      else if (message.kind === 'done') end(() => resolve(message.identified));
      else if (message.kind === 'failed') end(() => reject(new NixError(message.error.message, message.error)));
      else end(() => reject(Object.assign(new Error(message.message), { code: message.code, stack: message.stack })));
    };
    const onError = (error: unknown) => end(() => reject(error));
    const onExit = () => end(() => reject(new Error('a builder thread ended before its work was done')));
    const onAbort = () => end(() => reject(signal.reason));
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    signal.addEventListener('abort', onAbort);
    worker.postMessage(job);
  });
}

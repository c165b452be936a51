/** Asks nixlet about many texts, in the thread of worker.ts; one that does not come to an end is told as such. */
import { Worker } from 'node:worker_threads';
import type { Outcome } from './outcome.ts';
import type { Batch, WorkerSetup } from './worker.ts';
import type { Workplace } from './workplace.ts';

/** Milliseconds for one case. The machine may be busy with other things. */
const patience = 30_000;
const stackMegabytes = 512;

export class NixletThread {
  private readonly workplace: Workplace;
  private readonly progress = new Int32Array(new SharedArrayBuffer(4));
  private worker: Worker | undefined;

  constructor(workplace: Workplace) {
    this.workplace = workplace;
  }

  async ask(texts: readonly string[], task: Batch['task'], compiled = false): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    while (outcomes.length < texts.length) {
      const rest = texts.slice(outcomes.length);
      const answer = await this.askOnce({ texts: rest, task, compiled });
      if (typeof answer !== 'string') {
        outcomes.push(...answer);
        continue;
      }
      // What came before the bad case went well; it is asked again, since the thread took it along.
      const at = Atomics.load(this.progress, 0);
      if (at > 0) outcomes.push(...(await this.ask(rest.slice(0, at), task, compiled)));
      outcomes.push({ broken: answer });
    }
    return outcomes;
  }

  private askOnce(batch: Batch): Promise<Outcome[] | string> {
    const { directory, scratch } = this.workplace;
    this.worker ??= new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { directory, scratch, progress: this.progress } satisfies WorkerSetup,
      resourceLimits: { stackSizeMb: stackMegabytes, maxOldGenerationSizeMb: 4096 },
      env: { ...process.env, NIX_PATH: '', XDG_CACHE_HOME: `${scratch}/cache` },
    });
    const worker = this.worker;
    Atomics.store(this.progress, 0, 0);
    return new Promise((resolve) => {
      let last = 0;
      let since = Date.now();
      const done = (answer: Outcome[] | string) => {
        clearInterval(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        if (typeof answer === 'string') {
          this.worker = undefined;
          void worker.terminate();
        }
        resolve(answer);
      };
      const timer = setInterval(() => {
        const at = Atomics.load(this.progress, 0);
        if (at !== last) {
          last = at;
          since = Date.now();
        } else if (Date.now() - since > patience) done(`no end within ${patience} ms`);
      }, 1000);
      const onMessage = (outcomes: Outcome[]) => done(outcomes);
      const onError = (error: unknown) => done(`the thread ended: ${error instanceof Error ? error.stack : error}`);
      const onExit = (code: number) => done(`the thread ended with code ${code}`);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage(batch);
    });
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
    this.worker = undefined;
  }
}

/**
 * A command line that runs a second time, in a thread with a large stack (command.ts says why). Apart from the evaluator, so
 * that the program can start without loading it.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** Of the thread for deep evaluations; memory is used only as it is needed. */
const largeStackMegabytes = 1024;

interface SecondAttempt {
  readonly args: readonly string[];
  readonly invokedAs: string | undefined;
  readonly printedMessages: number;
}

/** Stands in the environment of that thread only: a process that finds none need not load what knows of threads. */
const mark = 'NIXLET_SECOND_ATTEMPT';
let attempt: SecondAttempt | undefined;

/** In the thread with the large stack: what it is to do. */
export function secondAttempt(): SecondAttempt | undefined {
  if (process.env[mark] !== undefined) {
    delete process.env[mark];
    if (!isMainThread) attempt = workerData as SecondAttempt;
  }
  return attempt;
}

/** Thrown through the command line; `runAgain` does what it asks. */
export class RunAgain extends Error {
  readonly printedMessages: number;
  constructor(printedMessages: number) {
    super('to be run again with a larger stack');
    this.printedMessages = printedMessages;
  }
}

/** The setting show-trace of the command that runs; undefined before its settings are read. */
export const runningCommand: { showTrace: boolean | undefined } = { showTrace: undefined };

/** Runs the command line again in a thread with a large stack, which `launcher` starts; gives its exit code. */
export function runAgain(
  launcher: string,
  args: readonly string[],
  invokedAs: string | undefined,
  printedMessages: number,
): Promise<number> {
  const data: SecondAttempt = { args, invokedAs, printedMessages };
  const worker = new Worker(launcher, {
    workerData: data,
    env: { ...process.env, [mark]: '1' },
    resourceLimits: { stackSizeMb: largeStackMegabytes, maxOldGenerationSizeMb: 16 * 1024 },
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (code: number) => resolve(code));
    worker.on('error', reject);
    worker.on('exit', (code) => resolve(code));
  });
}

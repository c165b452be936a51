/**
 * A command line that runs a second time, in a thread with a large stack (command.ts says why). Apart from the evaluator, so
 * that the program can start without loading it.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** Of the thread for deep evaluations; memory is used only as it is needed. */
const largeStackMegabytes = 1024;

interface SecondAttempt {
  readonly nixletSecondAttempt: true;
  readonly args: readonly string[];
  readonly invokedAs: string | undefined;
  readonly printedMessages: number;
}

/** In the thread with the large stack: what it is to do. */
export function secondAttempt(): SecondAttempt | undefined {
  const data = workerData as SecondAttempt | null;
  return !isMainThread && data?.nixletSecondAttempt ? data : undefined;
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

/** Runs the command line again in a thread with a large stack; gives its exit code. */
export function runAgain(
  entry: string,
  args: readonly string[],
  invokedAs: string | undefined,
  printedMessages: number,
): Promise<number> {
  const data: SecondAttempt = { nixletSecondAttempt: true, args, invokedAs, printedMessages };
  const worker = new Worker(entry, {
    workerData: data,
    resourceLimits: { stackSizeMb: largeStackMegabytes, maxOldGenerationSizeMb: 16 * 1024 },
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (code: number) => resolve(code));
    worker.on('error', reject);
    worker.on('exit', (code) => resolve(code));
  });
}

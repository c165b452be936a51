/**
 * What a command does with an Evaluation: it runs on this thread's stack, and when that is too small the whole command
 * runs again in a thread with a very large one. That is sound because an evaluation changes nothing before its results are
 * used; messages that the first attempt has printed are left out of the second.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { NixError } from '../errors/nix-error.ts';
import { isStackOverflow, NeedsLargerStack } from '../runtime/stack.ts';
import { Evaluation, type EvaluationOptions } from './evaluation.ts';

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

let showTrace: boolean | undefined;

/** The setting show-trace of the command that runs; undefined before its settings are read. */
export function showTraceSetting(): boolean | undefined {
  return showTrace;
}

export async function evaluateCommand(
  options: EvaluationOptions,
  use: (evaluation: Evaluation) => number | Promise<number>,
): Promise<number> {
  const again = secondAttempt();
  const evaluation = new Evaluation({ ...options, skipMessages: again?.printedMessages ?? 0 });
  showTrace = evaluation.settings['show-trace'];
  try {
    return await use(evaluation);
  } catch (error) {
    if (!(error instanceof NeedsLargerStack || isStackOverflow(error))) throw error;
    if (again)
      throw new NixError('stack overflow; max-call-depth exceeded', {
        class: 'StackOverflowError',
        hint: 'The expression is nested more deeply than memory for the stack allows.',
      });
    throw new RunAgain(evaluation.messages);
  } finally {
    evaluation.store.close();
  }
}

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

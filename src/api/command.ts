/**
 * What a command does with an Evaluation: it runs on this thread's stack, and when that is too small the whole command
 * runs again in a thread with a very large one. That is sound because an evaluation changes nothing before its results are
 * used; messages that the first attempt has printed are left out of the second.
 */
import { NixError } from '../errors/nix-error.ts';
import { isStackOverflow, NeedsLargerStack } from '../runtime/stack.ts';
import { Evaluation, type EvaluationOptions } from './evaluation.ts';
import { RunAgain, runningCommand, secondAttempt } from './run-again.ts';

export async function evaluateCommand(
  options: EvaluationOptions,
  use: (evaluation: Evaluation) => number | Promise<number>,
): Promise<number> {
  const again = secondAttempt();
  const evaluation = new Evaluation({ ...options, skipMessages: again?.printedMessages ?? 0 });
  runningCommand.showTrace = evaluation.settings['show-trace'];
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

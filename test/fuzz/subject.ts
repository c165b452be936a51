/** nixlet's verdict on one expression: evaluated and printed as `nix-instantiate --eval --strict` does, in process. */
import { Evaluation } from '../../src/api/evaluation.ts';
import { NixError } from '../../src/errors/nix-error.ts';
import { renderError } from '../../src/errors/render.ts';
import { NeedsLargerStack } from '../../src/runtime/stack.ts';
import { failure, labelsIn, type Outcome } from './outcome.ts';

const longText = 4000;

export class Subject {
  private readonly evaluation: Evaluation;
  private messages = '';
  private textLength = 0;

  constructor(directory: string, scratch: string) {
    this.evaluation = new Evaluation({
      readOnly: true,
      directory,
      storeRoot: `${scratch}/store`,
      onMessage: (line) => {
        this.messages += `${line}\n`;
      },
    });
  }

  evaluate(text: string): Outcome {
    this.textLength = text.length;
    const { evaluation } = this;
    return this.attempt(() => evaluation.print(evaluation.text(text).evaluate(), { strict: true }));
  }

  /**
   * Everything else that can be done with a text: it is parsed and printed, evaluated lazily, printed in each format. The
   * first thing that is neither a value nor a Nix error is the outcome.
   */
  probe(text: string): Outcome {
    const { evaluation } = this;
    const outcome = this.evaluate(text);
    const value = () => evaluation.text(text).evaluate();
    const uses = [
      () => evaluation.text(text).printParsed(),
      () => evaluation.print(value(), { strict: false }),
      () => evaluation.printJson(value(), { strict: true }),
      () => String(evaluation.printXml(value(), { strict: true, location: true })),
    ];
    for (const use of uses) {
      const other = this.attempt(use);
      if ('broken' in other) return other;
    }
    return outcome;
  }

  /** Whatever fails must fail as a Nix error, and that must render. */
  private attempt(compute: () => string): Outcome {
    this.messages = '';
    try {
      return { value: this.evaluation.session.enter(compute), steps: labelsIn(this.messages) };
    } catch (error) {
      if (error instanceof NixError) {
        // A trace of thousands of frames that each show a line of thousands of characters is as long as it should be.
        renderError(error, { showTrace: this.textLength < longText });
        return failure(error.message, labelsIn(this.messages));
      }
      // What the commands say when the second attempt's stack is full, too.
      if (error instanceof NeedsLargerStack)
        return failure('stack overflow; max-call-depth exceeded', labelsIn(this.messages));
      return { broken: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }

  close(): void {
    this.evaluation.store.close();
  }
}

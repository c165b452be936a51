/**
 * The library: evaluate Nix in a program, and build what it describes.
 *
 *   const evaluation = new Evaluation({ readOnly: true });
 *   evaluation.printJson(evaluation.text('{ a = 1 + 1; }').evaluate(), { strict: true }); // {"a":2}
 */
export { type BuildRequest, type BuildResult, buildDerivations } from './api/build.ts';
export {
  type AutoArg,
  Evaluation,
  type EvaluationOptions,
  type FoundDerivation,
  type Input,
} from './api/evaluation.ts';
export { plainReporter } from './api/reporting.ts';
export { type ErrorClass, NixError } from './errors/nix-error.ts';
export { type RenderOptions, renderError } from './errors/render.ts';

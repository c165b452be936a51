import { NixError } from '../errors/nix-error.ts';

/** Nesting deeper than the stack; the same error as too deep a recursion in evaluation. Never caught by tryEval. */
export function stackOverflow(): NixError {
  return new NixError('stack overflow; max-call-depth exceeded', { class: 'StackOverflowError' });
}

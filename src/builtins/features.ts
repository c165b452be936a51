/** Experimental features: what is behind one fails, without it, in Nix's words. */
import { NixError } from '../errors/nix-error.ts';
import type { EvalContext } from '../runtime/eval-context.ts';

/** `reason` says what needs it, where the feature's name alone would puzzle. */
export function requireFeature(ctx: EvalContext, feature: string, reason = ''): void {
  if (ctx.settings.experimentalFeatures.has(feature)) return;
  throw new NixError(
    `experimental Nix feature '${feature}' is disabled${reason === '' ? '' : ` (${reason})`}; add '--extra-experimental-features ${feature}' to enable it`,
    { class: 'Error' },
  );
}

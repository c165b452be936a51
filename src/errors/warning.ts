import type { TraceLine } from './nix-error.ts';
import { NO_POS, type Pos } from './position.ts';

/** Something worth telling that stops nothing. Printed by renderWarning (render.ts). */
export interface Warning {
  readonly message: string;
  readonly pos: Pos;
  /** What was being done, innermost first. */
  readonly trace?: readonly TraceLine[];
  /** Said by the program itself (builtins.warn), not about it. */
  readonly fromExpression?: boolean;
}

export function warning(message: string, pos: Pos = NO_POS): Warning {
  return { message, pos };
}

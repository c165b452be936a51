/**
 * What whoever waits for a realisation gets to know while it runs: plain data, so that it can cross threads. Results and
 * the final error are not among it; realise() returns or throws them.
 */
import type { NixError } from '../errors/nix-error.ts';
import type { Plan } from './plan.ts';

export type BuildEvent =
  /** Once, before anything begins; `describePlan` gives Nix's lines for it. */
  | { readonly kind: 'plan'; readonly plan: Plan }
  /** Nix prints: building '<drvPath>'... */
  | { readonly kind: 'buildStarted'; readonly drvPath: string; readonly check: boolean }
  /** The builder says what it is doing ("buildPhase"). */
  | { readonly kind: 'phase'; readonly drvPath: string; readonly phase: string }
  | { readonly kind: 'logLine'; readonly drvPath: string; readonly line: string }
  | { readonly kind: 'buildEnded'; readonly drvPath: string; readonly outcome: 'built' | 'failed' | 'cancelled' }
  /** Another process builds it; Nix prints: waiting for lock on '<path>', ... */
  | { readonly kind: 'waitingForLock'; readonly drvPath: string; readonly paths: readonly string[] }
  /** Bytes so far of one file that a builder downloads. */
  | {
      readonly kind: 'download';
      readonly drvPath: string;
      readonly url: string;
      readonly received: number;
      readonly total: number | undefined;
    }
  /** Nix prints: copying path '<path>' from '<from>'... */
  | {
      readonly kind: 'fetchStarted';
      readonly path: string;
      readonly from: string;
      readonly narSize: number | undefined;
    }
  | { readonly kind: 'fetchProgress'; readonly path: string; readonly received: number }
  | { readonly kind: 'fetchEnded'; readonly path: string; readonly outcome: 'fetched' | 'failed' }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** Something failed, and something else goes on or is going to fail because of it. */
  | { readonly kind: 'error'; readonly error: NixError };

export interface BuildReporter {
  report(event: BuildEvent): void;
}

export const silentReporter: BuildReporter = { report: () => {} };

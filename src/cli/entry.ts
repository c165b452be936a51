/** What the launcher starts. */
import { optimiseLater } from '../api/optimise.ts';
import { runCommandLine } from './main.ts';

/** Runs the process's command line, and leaves with its code. */
export function start(): Promise<void> {
  optimiseLater();
  return runCommandLine();
}

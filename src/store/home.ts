/** Where a user's caches and data are. */
import { homedir } from 'node:os';

export const noHome = '/nonexistent';

/**
 * The user's home directory. Who has none (a container that runs under any number) gets one that does not exist: caches
 * then keep nothing, and what has to be written says where it cannot.
 */
export function homeOf(env: Readonly<Record<string, string | undefined>>): string {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return noHome;
  }
}

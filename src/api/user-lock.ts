/**
 * The user's own Debian lock, where there is one: `nixlet channel update` writes it, and the embedded set takes it instead
 * of the one that nixlet came with. It reaches the set as the entry `nixlet-lock` of the search path.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { homeOf } from '../store/home.ts';

/** XDG_STATE_HOME/nixlet/debian.lock.json, by default below ~/.local/state; whether it is there or not. */
export function userLockPath(env: Readonly<Record<string, string | undefined>>): string {
  const base = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : join(homeOf(env), '.local/state');
  return join(base, 'nixlet', 'debian.lock.json');
}

export function userLock(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const path = userLockPath(env);
  return existsSync(path) ? path : undefined;
}

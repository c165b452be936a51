/** Where nixlet itself lies: the launcher, for shims and for processes that start it again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;

/** Absolute path of src/cli/launcher.js, from the bundle (dist/) or from the sources (src/api/). */
export function launcherPath(): string {
  return [join(here, '..', 'src', 'cli', 'launcher.js'), join(here, '..', 'cli', 'launcher.js')].find(existsSync)!;
}

/** A directory as data, for comparing: path -> "file", "exec" or "link", and content or text. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export function readTree(root: string): Record<string, string> {
  const out: Record<string, string> = {};
  const visit = (relative: string) => {
    const place = join(root, relative);
    const stat = lstatSync(place);
    if (stat.isSymbolicLink()) out[relative] = `link ${readlinkSync(place)}`;
    else if (stat.isDirectory()) {
      const names = readdirSync(place).sort();
      if (names.length === 0) out[`${relative}/`] = 'directory';
      for (const name of names) visit(relative === '' ? name : `${relative}/${name}`);
    } else out[relative] = `${(stat.mode & 0o100) === 0 ? 'file' : 'exec'} ${readFileSync(place, 'latin1')}`;
  };
  visit('');
  return out;
}

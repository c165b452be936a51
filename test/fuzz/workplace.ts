/**
 * The directory that cases are evaluated in: what their relative paths name. It lies deep, for cases that go up from it and
 * make a store path of what is there; for the same reason nobody may write into it or near it.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const files: Readonly<Record<string, string>> = {
  'data.json': '{"i": 4, "s": "from a file"}',
  'value.nix': '{ i = 11; s = "value"; }',
  'function.nix': 'e: [ e ]',
  'scoped.nix': '{ i = i; s = s; f = e: e; }',
  'broken.nix': '{ i = ',
  'dir/one': 'one\n',
  'dir/two/three': 'three',
};

export interface Workplace {
  readonly directory: string;
  /** For nixlet's own files. */
  readonly scratch: string;
  remove(): void;
}

export function makeWorkplace(): Workplace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'nixlet-fuzz-')));
  const directory = join(root, 'a/b/c/d/e/f/g/cases');
  for (const [name, text] of Object.entries(files)) {
    const place = join(directory, name);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
  return { directory, scratch: join(root, 'scratch'), remove: () => rmSync(root, { recursive: true, force: true }) };
}

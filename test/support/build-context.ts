/** A BuildContext for one built-in builder: a store in a temporary directory, without a realiser. */
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BuildContext, BuiltinBuilder } from '../../src/realise/builtin.ts';

export class ScratchStore {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'nixlet-builder-')));
  readonly log: string[] = [];
  private count = 0;

  constructor() {
    mkdirSync(join(this.root, 'nix/store'), { recursive: true });
  }

  physical(logical: string): string {
    return join(this.root, logical);
  }

  /** A store path of this name that nothing has used yet. */
  path(name: string): string {
    return `/nix/store/${String(this.count++).padStart(32, '0')}-${name}`;
  }

  /** Adds a store path: a file, or a directory of files (content), links ({ link }) and executables ({ script }). */
  add(name: string, content: Buffer | string | Record<string, Buffer | string | { script: string }>): string {
    const path = this.path(name);
    const place = this.physical(path);
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(place, content);
    else {
      mkdirSync(place);
      for (const [relative, data] of Object.entries(content)) {
        mkdirSync(dirname(join(place, relative)), { recursive: true });
        if (typeof data === 'string' || Buffer.isBuffer(data)) writeFileSync(join(place, relative), data);
        else writeFileSync(join(place, relative), data.script, { mode: 0o755 });
      }
    }
    return path;
  }

  /** Runs a builder; gives the logical path of its output. */
  async build(builder: BuiltinBuilder, attrs: Record<string, unknown>, out = this.path('result')): Promise<string> {
    const unused = () => {
      throw new Error('not of this test');
    };
    const context: BuildContext = {
      drv: undefined as never,
      drvPath: '',
      attrs,
      outputs: new Map([['out', out]]),
      physical: (path) => this.physical(path),
      pathInfo: unused,
      closure: unused,
      scanReferences: unused,
      download: unused,
      log: (line) => this.log.push(line),
      temporaryDirectory: this.root,
      signal: new AbortController().signal,
    };
    await builder.build(context);
    return out;
  }
}

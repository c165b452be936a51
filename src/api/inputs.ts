/**
 * Expressions as commands name them: texts, standard input, files by path, by <name> or by the URL of a tarball. What is
 * looked at on the way is asked of the session's host, so that it counts as observed.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { decodeBytes } from '../base/bytes.ts';
import { flakeTree } from '../builtins/flake/flake-tree.ts';
import { NixError } from '../errors/nix-error.ts';
import { Source } from '../errors/source.ts';
import { isTarballAddress } from '../eval/lookup-path.ts';
import type { Session } from '../eval/session.ts';
import type { FileType, Host } from '../runtime/host.ts';
import type { Value } from '../runtime/value.ts';
import type { Node } from '../syntax/nodes.ts';
import { parser } from '../syntax/parser-port.ts';
import { printExpression } from '../syntax/print.ts';
import { lintSettings } from './session-settings.ts';
import type { Settings } from './settings.ts';

/** A text that was read and can be evaluated, or printed as parsed. */
export interface Input {
  evaluate(): Value;
  printParsed(): string;
}

/** What of an evaluation they need. */
export interface InputContext {
  readonly directory: string;
  readonly settings: Settings;
  readonly session: Session;
  readonly sessionHost: Host;
  /** A file's path from its name in the search path. */
  findFile(name: string): string;
}

export class Inputs {
  private readonly context: InputContext;

  constructor(context: InputContext) {
    this.context = context;
  }

  text(text: string): Input {
    return this.input(new Source(text, { kind: 'string' }));
  }

  standardInput(): Input {
    return this.input(new Source(decodeBytes(readFileSync(0)), { kind: 'stdin' }));
  }

  private input(source: Source): Input {
    return {
      evaluate: () => this.context.session.evalText(source, this.context.directory),
      printParsed: () => this.printParsed(source, this.context.directory),
    };
  }

  /** A file as commands name it: a path, <name>, a URL of a tarball, or a directory with a default.nix. */
  file(name: string): Input {
    const path = this.resolveFile(name);
    return {
      evaluate: () => this.context.session.evalFile(path),
      printParsed: () =>
        this.printParsed(
          new Source(decodeBytes(this.context.sessionHost.readFile(path)), { kind: 'file', path }),
          dirname(path),
        ),
    };
  }

  /** As `--parse` prints it; undefined variables are found too. */
  private printParsed(source: Source, basePath: string): string {
    this.context.session.check(source, basePath);
    return printExpression(this.parse(source, basePath));
  }

  /** The tree of a text, without looking at its variables. */
  parse(source: Source, basePath = this.context.directory): Node {
    const home = this.context.sessionHost.homeDirectory();
    return parser().parse(source, {
      basePath,
      ...(home === undefined ? {} : { homeDirectory: home }),
      pipeOperators: this.context.settings['experimental-features'].includes('pipe-operators'),
      lint: lintSettings(this.context.settings),
    }).node;
  }

  private resolveFile(name: string): string {
    const path = this.lookUpFile(name);
    const { settings } = this.context;
    if (settings['pure-eval'] || settings['restrict-eval']) this.context.session.context.host.checkAccess?.(path);
    const type = this.typeOf(path);
    if (type === undefined) throw this.missingFile(name, path);
    if (type !== 'directory') return path;
    const inside = join(path, 'default.nix');
    if (this.typeOf(inside) === undefined) throw this.missingFile(name, inside);
    return inside;
  }

  /** Links followed; asked through the session's host, so that it counts as observed. */
  private typeOf(path: string): FileType | undefined {
    const own = this.context.sessionHost.fileType(path);
    if (own !== 'symlink') return own;
    try {
      return this.context.sessionHost.fileType(this.context.sessionHost.realPath(path));
    } catch (error) {
      if (error instanceof NixError) return undefined;
      throw error;
    }
  }

  private missingFile(name: string, path: string): NixError {
    const hint =
      name === '.' || name === './default.nix'
        ? 'There is no default.nix here: name the file, or change to its directory.'
        : undefined;
    return new NixError(`path '${path}' does not exist`, { class: 'Error', ...(hint ? { hint } : {}) });
  }

  private lookUpFile(name: string): string {
    if (/^<[^<>]+>$/.test(name)) return this.context.findFile(name.slice(1, -1));
    if (isTarballAddress(name)) return this.fetchTarball(name);
    if (name.startsWith('flake:')) return flakeTree(this.context.session.context, name.slice('flake:'.length));
    return resolve(this.context.directory, name);
  }

  /** A file argument that is the address of a tarball: fetched and unpacked, as builtins.fetchTarball does. */
  private fetchTarball(url: string): string {
    return this.context.sessionHost.store.fetch({ kind: 'tarball', url, name: 'source' }).storePath;
  }
}

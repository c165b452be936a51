/**
 * Reads the text of a .drv file (grammar: print.ts). Strict: no white space, every store path checked, an output's path
 * must agree with its fixed hash. A failure is Nix's message inside "error parsing derivation '<path>'".
 */

import { NixError } from '../../errors/nix-error.ts';
import { contentAddressedPath, parseMethod } from '../content-address.ts';
import type { Derivation, DerivationOutput } from '../derivation.ts';
import { parseHashDigits, printHash } from '../hash-string.ts';
import { defaultStoreDir, outputPathName, parseStorePath } from '../store-path.ts';

/** `name` is the derivation's, without `.drv`; `label` is how the file is called in messages. */
export function parseDerivation(
  text: string,
  name: string,
  label: string = `${name}.drv`,
  storeDir: string = defaultStoreDir,
): Derivation {
  try {
    return new Parser(text, name, storeDir).derivation();
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    throw new NixError(`error parsing derivation '${label}': ${error.message}`, { class: 'Error', cause: error });
  }
}

class Parser {
  private at = 0;
  private readonly text: string;
  private readonly name: string;
  private readonly storeDir: string;

  constructor(text: string, name: string, storeDir: string) {
    this.text = text;
    this.name = name;
    this.storeDir = storeDir;
  }

  derivation(): Derivation {
    const { text } = this;
    if (text.startsWith('DrvWithVersion('))
      throw new NixError("experimental Nix feature 'dynamic-derivations' is disabled", { class: 'Error' });
    if (!text.startsWith('Derive('))
      throw new NixError("derivation does not start with 'Derive' or 'DrvWithVersion'", { class: 'Error' });
    this.at = 'Derive('.length;

    const outputs = new Map<string, DerivationOutput>();
    this.list(() => {
      this.expect('(');
      const output = this.string();
      outputs.set(output, this.output(output));
    });
    this.expect(',');
    const inputDrvs = new Map<string, ReadonlySet<string>>();
    this.list(() => {
      this.expect('(');
      const drvPath = this.storePath();
      this.expect(',');
      const names = this.strings();
      if (names.length === 0)
        throw new NixError(`inputDrvs entry for '${drvPath}' specifies no outputs`, { class: 'Error' });
      inputDrvs.set(drvPath, new Set(names));
      this.expect(')');
    });
    this.expect(',');
    const inputSrcs = new Set<string>();
    this.list(() => inputSrcs.add(this.storePath()));
    this.expect(',');
    const system = this.string();
    this.expect(',');
    const builder = this.string();
    this.expect(',');
    const args = this.strings();
    this.expect(',');
    const env = new Map<string, string>();
    this.list(() => {
      this.expect('(');
      const key = this.string();
      this.expect(',');
      env.set(key, this.string());
      this.expect(')');
    });
    this.expect(')');
    return { name: this.name, outputs, inputDrvs, inputSrcs, system, builder, args, env };
  }

  private output(output: string): DerivationOutput {
    this.expect(',');
    const path = this.string();
    this.expect(',');
    const method = this.string();
    this.expect(',');
    const digest = this.string();
    this.expect(')');
    if (method === '') return path === '' ? { kind: 'deferred' } : { kind: 'inputAddressed', path: this.checked(path) };
    if (digest === '' || digest === 'impure') {
      if (path !== '')
        throw new NixError(
          digest === ''
            ? 'content-addressing derivation output should not specify output path'
            : 'impure derivation output should not specify output path',
          { class: 'Error' },
        );
      parseMethod(method);
      return { kind: digest === '' ? 'floating' : 'impure', method };
    }
    return this.fixed(output, this.checked(path), method, digest);
  }

  private fixed(output: string, path: string, method: string, digest: string): DerivationOutput {
    const address = parseMethod(method);
    const hash = parseHashDigits(digest, address.algorithm);
    const expected = contentAddressedPath(
      outputPathName(this.name, output),
      { method: address.method, hash },
      undefined,
      this.storeDir,
    );
    if (path !== expected)
      throw new NixError(`derivation output '${output}' has path '${path}', which does not match its content address`, {
        class: 'Error',
      });
    return { kind: 'fixed', path, method, digest: printHash(hash, 'base16', false) };
  }

  private checked(path: string): string {
    return parseStorePath(path, this.storeDir);
  }

  private storePath(): string {
    return this.checked(this.string());
  }

  private strings(): string[] {
    const out: string[] = [];
    this.list(() => out.push(this.string()));
    return out;
  }

  private list(element: () => void): void {
    this.expect('[');
    if (this.text[this.at] === ']') {
      this.at++;
      return;
    }
    for (;;) {
      element();
      if (this.text[this.at] === ']') {
        this.at++;
        return;
      }
      this.expect(',');
    }
  }

  private string(): string {
    this.expect('"');
    const { text } = this;
    const start = this.at;
    let end = text.indexOf('"', start);
    if (end < 0) throw unterminated();
    const backslash = text.indexOf('\\', start);
    if (backslash < 0 || backslash > end) {
      this.at = end + 1;
      return text.slice(start, end);
    }
    for (;;) {
      let slashes = 0;
      while (text[end - 1 - slashes] === '\\' && end - 1 - slashes >= start) slashes++;
      if (slashes % 2 === 0) break;
      end = text.indexOf('"', end + 1);
      if (end < 0) throw unterminated();
    }
    this.at = end + 1;
    return text.slice(start, end).replace(/\\([\s\S])/g, (_, char: string) => unescaped[char] ?? char);
  }

  private expect(token: string): void {
    if (this.text[this.at] !== token) throw new NixError(`expected string '${token}'`, { class: 'Error' });
    this.at++;
  }
}

const unescaped: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unterminated(): NixError {
  return new NixError('unterminated string in derivation', { class: 'Error' });
}

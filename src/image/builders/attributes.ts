/** A builder's parameters. Without structured attributes everything is a string: "" is absent, "1" is true. */
import { NixError } from '../../errors/nix-error.ts';

export class ImageAttributes {
  private readonly builder: string;
  private readonly attrs: Readonly<Record<string, unknown>>;

  constructor(builder: string, attrs: Readonly<Record<string, unknown>>) {
    this.builder = builder;
    this.attrs = attrs;
  }

  /** A string that must be there. */
  text(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw this.wrong(name, 'a string');
    return value;
  }

  optional(name: string): string | undefined {
    const value = this.attrs[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw this.wrong(name, 'a string');
    return value;
  }

  boolean(name: string): boolean {
    const value = this.attrs[name];
    return value === true || value === '1';
  }

  integer(name: string, absent: number): number {
    const value = this.attrs[name];
    if (value === undefined || value === null || value === '') return absent;
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0)
      throw this.wrong(name, 'a whole number that is not negative');
    return number;
  }

  /** A list of strings, or words of a string. */
  list(name: string): string[] {
    const value = this.attrs[name] ?? [];
    if (typeof value === 'string') return value.split(/\s+/).filter((word) => word !== '');
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value as string[];
    throw this.wrong(name, 'a list of paths');
  }

  private wrong(name: string, wanted: string): NixError {
    return new NixError(`builder 'builtin:${this.builder}' wants ${wanted} in '${name}'`, { class: 'BuildError' });
  }
}

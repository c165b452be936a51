/**
 * Reads the parameters of a built-in builder. They come as structured attributes (JSON values) or, in a derivation
 * without them, as environment variables, where Nix has already flattened lists (words separated by spaces) and
 * booleans ("1" and ""). Each reader takes both forms, and refuses anything else by the name of the attribute.
 */
import { NixError } from '../../errors/nix-error.ts';

export type Attributes = Readonly<Record<string, unknown>>;

function refuse(builder: string, name: string, expected: string): NixError {
  return new NixError(`builder 'builtin:${builder}' needs ${expected} as attribute '${name}'`, { class: 'BuildError' });
}

/** One reader per builder, so that every message names the builder. */
export class AttributeReader {
  private readonly builder: string;
  private readonly attrs: Attributes;

  constructor(builder: string, attrs: Attributes) {
    this.builder = builder;
    this.attrs = attrs;
  }

  has(name: string): boolean {
    return this.attrs[name] !== undefined && this.attrs[name] !== null;
  }

  raw(name: string): unknown {
    return this.attrs[name];
  }

  text(name: string, fallback?: string): string {
    const value = this.attrs[name] ?? fallback;
    if (typeof value !== 'string') throw refuse(this.builder, name, 'a string');
    return value;
  }

  /** A string, or undefined where the attribute is null, missing or empty. */
  optionalText(name: string): string | undefined {
    return this.has(name) && this.attrs[name] !== '' ? this.text(name) : undefined;
  }

  boolean(name: string, fallback = false): boolean {
    const value = this.attrs[name] ?? fallback;
    if (typeof value === 'boolean') return value;
    if (value === '1') return true;
    if (value === '') return false;
    throw refuse(this.builder, name, 'a boolean');
  }

  texts(name: string, fallback: readonly string[] = []): string[] {
    const value = this.attrs[name] ?? fallback;
    if (typeof value === 'string') return value.split(/\s+/).filter((word) => word !== '');
    if (!isTexts(value)) throw refuse(this.builder, name, 'a list of strings');
    return [...value];
  }

  /** A list of attribute sets. */
  records(name: string): Attributes[] {
    const value = this.attrs[name] ?? [];
    if (!Array.isArray(value) || !value.every(isRecord)) throw refuse(this.builder, name, 'a list of attribute sets');
    return value;
  }

  record(name: string): Attributes {
    const value = this.attrs[name] ?? {};
    if (!isRecord(value)) throw refuse(this.builder, name, 'an attribute set');
    return value;
  }

  /** An attribute set of strings; nulls are left out. */
  textRecord(name: string): Map<string, string> {
    const out = new Map<string, string>();
    for (const [key, value] of Object.entries(this.record(name))) {
      if (value === null) continue;
      if (typeof value !== 'string') throw refuse(this.builder, `${name}.${key}`, 'a string');
      out.set(key, value);
    }
    return out;
  }

  /** A reader of an attribute set inside this one. */
  within(record: Attributes): AttributeReader {
    return new AttributeReader(this.builder, record);
  }
}

function isRecord(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

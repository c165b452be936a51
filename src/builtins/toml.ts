/** TOML 1.0 into Nix values, by smol-toml. */
import { parse, TomlDate, TomlError, type TomlTable, type TomlValue } from 'smol-toml';
import { NixError } from '../errors/nix-error.ts';
import { Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import { checkedInt } from '../runtime/integer.ts';
import { NixFloat, type Value } from '../runtime/value.ts';
import { rejectNullByte } from './json-reader.ts';

export function readToml(text: string, timestamps: boolean): Value {
  try {
    return toValue(parse(text, { integersAsBigInt: true }), timestamps);
  } catch (error) {
    if (error instanceof TomlError) throw tomlError(`[error] ${error.message.trimEnd()}`);
    if (error instanceof NixError) throw tomlError(`error: ${error.message}`);
    if (error instanceof Unsupported) throw tomlError(error.message);
    throw error;
  }
}

class Unsupported extends Error {}

function tomlError(problem: string): NixError {
  return new NixError(`while parsing TOML: ${problem}`);
}

function toValue(value: TomlValue, timestamps: boolean): Value {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return checkedInt(value)!;
    case 'number':
      return new NixFloat(value);
    case 'string':
      rejectNullByte(value);
      return value;
  }
  if (value instanceof TomlDate) {
    if (!timestamps) throw new Unsupported('Dates and times are not supported');
    return Attrs.fromObject({ _type: 'timestamp', value: timestampText(value) });
  }
  if (Array.isArray(value)) return value.map((item) => toValue(item, timestamps));
  const attrs = new AttrsBuilder();
  for (const [name, member] of Object.entries(value as TomlTable)) {
    rejectNullByte(name);
    attrs.set(name, toValue(member, timestamps));
  }
  return attrs.build();
}

/** Fractions of a second only where there are any. */
function timestampText(date: TomlDate): string {
  return date.toISOString().replace(/\.000(?=$|[Z+-])/, '');
}

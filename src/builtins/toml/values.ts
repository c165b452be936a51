/** builtins.fromTOML: TOML as Nix values. */
import { NixError } from '../../errors/nix-error.ts';
import { Attrs, AttrsBuilder } from '../../runtime/attrs.ts';
import { checkedInt } from '../../runtime/integer.ts';
import { NixFloat, type Value } from '../../runtime/value.ts';
import { rejectNullByte } from '../json-reader.ts';
import { parseToml, TomlSyntaxError, TomlTable, type TomlValue } from './reader.ts';
import { TomlTimestamp } from './timestamps.ts';

/** `timestamps`: dates and times become sets; else they are an error. */
export function readToml(text: string, timestamps: boolean): Value {
  try {
    return toValue(parseToml(text), timestamps);
  } catch (error) {
    if (error instanceof TomlSyntaxError) throw tomlError(error.message);
    if (error instanceof NixError) throw tomlError(`error: ${error.message}`);
    throw error;
  }
}

function tomlError(problem: string): NixError {
  return new NixError(`while parsing TOML: ${problem}`);
}

function toValue(value: TomlValue, timestamps: boolean): Value {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    rejectNullByte(value);
    return value;
  }
  if (Array.isArray(value)) return Array.from(value, (item) => toValue(item, timestamps));
  if (value instanceof TomlTimestamp) {
    if (!timestamps) throw new TomlSyntaxError('Dates and times are not supported');
    return Attrs.fromObject({ _type: 'timestamp', value: value.text });
  }
  if (!(value instanceof TomlTable)) return value.kind === 'int' ? checkedInt(value.int)! : new NixFloat(value.float);
  const attrs = new AttrsBuilder();
  for (const [name, member] of value.entries) {
    rejectNullByte(name);
    attrs.set(name, toValue(member, timestamps));
  }
  return attrs.build();
}

/** Values from and to other formats: JSON, XML, TOML. */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceStringNoContext } from '../runtime/coerce.ts';
import { ContextBuilder } from '../runtime/context-builder.ts';
import { printJsonValue } from '../runtime/print-json.ts';
import { printXml } from '../runtime/print-xml.ts';
import type { Slot, Value } from '../runtime/value.ts';
import { readJson } from './json-reader.ts';
import { readToml } from './toml/values.ts';

function fromJson(e: Slot): Value {
  const text = forceStringNoContext(e, NO_POS, 'while evaluating the first argument passed to builtins.fromJSON');
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof NixError && error.class === 'ParseError') error.addTrace('while decoding a JSON string');
    throw error;
  }
}

export const serialiseBuiltins: readonly Builtin[] = [
  {
    name: 'toJSON',
    args: ['e'],
    type: 'a → string',
    doc: 'The value as JSON. Sets with `__toString` or `outPath` become that string, so derivations their output path; paths are copied to the store. Functions are an error.',
    example: { expr: 'builtins.toJSON { x = [ 1 null "a" ]; }', value: '"{\\"x\\":[1,null,\\"a\\"]}"' },
    run: (ctx, _pos, e) => {
      const builder = new ContextBuilder();
      return builder.string(printJsonValue(ctx, e, NO_POS, builder));
    },
  },
  {
    name: 'fromJSON',
    args: ['e'],
    type: 'string → a',
    doc: 'The value that a JSON text describes. Numbers with a point or an exponent are floats.',
    example: { expr: `builtins.fromJSON ''{"x": [1, 2.5, null]}''`, value: '{ x = [ 1 2.5 null ]; }' },
    run: (_ctx, _pos, e) => fromJson(e),
  },
  {
    name: 'toXML',
    args: ['e'],
    type: 'a → string',
    doc: 'The value as an XML document. Functions are described by their arguments.',
    example: {
      expr: 'builtins.toXML 1',
      value: `"<?xml version='1.0' encoding='utf-8'?>\\n<expr>\\n  <int value=\\"1\\" />\\n</expr>\\n"`,
    },
    run: (_ctx, _pos, e) => {
      const builder = new ContextBuilder();
      return builder.string(printXml(e, builder, { strict: true, location: false }));
    },
  },
  {
    name: 'fromTOML',
    args: ['e'],
    type: 'string → set',
    global: true,
    doc: 'The value that a TOML document describes. Dates and times are an error, unless the experimental feature `parse-toml-timestamps` is on; then they are sets `{ _type = "timestamp"; value = "..."; }`.',
    example: { expr: `fromTOML ''a.b = 1''`, value: '{ a = { b = 1; }; }' },
    run: (ctx, _pos, e) => {
      const text = forceStringNoContext(e, NO_POS, 'while evaluating the argument passed to builtins.fromTOML');
      return readToml(text, ctx.settings.experimentalFeatures.has('parse-toml-timestamps'));
    },
  },
];

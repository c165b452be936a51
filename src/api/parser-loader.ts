/**
 * Loads the parser (and with it Chevrotain) when the first text has to be parsed. In a release it is a module of its own
 * beside the program; the bundler replaces NIXLET_PARSER_MODULE by its name, and NIXLET_REQUIRE by what loads it there.
 */
import { createRequire } from 'node:module';
import { type ParserModule, setParserLoader } from '../syntax/parser-port.ts';

declare const NIXLET_PARSER_MODULE: string | undefined;
declare const NIXLET_REQUIRE: ((module: string) => unknown) | undefined;

const module = typeof NIXLET_PARSER_MODULE === 'string' ? NIXLET_PARSER_MODULE : '../syntax/parse.ts';

export function plugInParser(): void {
  const load = typeof NIXLET_REQUIRE === 'function' ? NIXLET_REQUIRE : createRequire(import.meta.filename);
  setParserLoader(() => load(module) as ParserModule);
}

/**
 * Loads the parser (and with it Chevrotain) when the first text has to be parsed. In a release it is a module of its own
 * beside the program; the bundler replaces NIXLET_PARSER_MODULE by its name.
 */
import { createRequire } from 'node:module';
import { type ParserModule, setParserLoader } from '../syntax/parser-port.ts';

declare const NIXLET_PARSER_MODULE: string | undefined;

const module = typeof NIXLET_PARSER_MODULE === 'string' ? NIXLET_PARSER_MODULE : '../syntax/parse.ts';

export function plugInParser(): void {
  const require = createRequire(import.meta.url);
  setParserLoader(() => require(module) as ParserModule);
}

/**
 * Runs many command lines in one process, as `nixlet` would each in its own: a program for `node`, which reads a JSON list
 * of cases from standard input and writes a JSON list of results. Starting a process each would take most of the time.
 */
import fs, { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { decodeBytes, encodeBytes } from '../../src/base/bytes.ts';

export interface Case {
  readonly program: string;
  readonly args: readonly string[];
}

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const writeSync = fs.writeSync;
const said = new Map<number, string>();
const say = (descriptor: number, bytes: Uint8Array) =>
  said.set(descriptor, (said.get(descriptor) ?? '') + decodeBytes(bytes));

const { main } = await import('../../src/cli/main.ts');
const cases = JSON.parse(readFileSync(0, 'utf8')) as Case[];
fs.writeSync = ((descriptor: number, bytes: Uint8Array) => {
  say(descriptor, bytes);
  return bytes.length;
}) as typeof fs.writeSync;
syncBuiltinESMExports();
process.stderr.write = (text) => {
  say(2, encodeBytes(String(text)));
  return true;
};
const results: Result[] = [];
for (const { program, args } of cases) {
  said.clear();
  const code = await main(args, program);
  results.push({ code, out: said.get(1) ?? '', err: said.get(2) ?? '' });
}
fs.writeSync = writeSync;
syncBuiltinESMExports();
process.stdout.write(JSON.stringify(results));

/**
 * Runs many command lines of nixlet in one process, which starts once: their list comes in as JSON, and after what each
 * prints stands a line with its exit code between two record separators.
 */
import { readFileSync, writeSync } from 'node:fs';
import { main } from '../../src/cli/main.ts';

for (const args of JSON.parse(readFileSync(0, 'utf8')) as string[][]) {
  const code = await main(args);
  writeSync(1, `\x1e${code}\x1e`);
}

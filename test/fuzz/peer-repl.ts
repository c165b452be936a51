/**
 * C++ Nix's verdicts on expressions that fail, many in one process: its REPL goes on behind an error, where nix-instantiate
 * ends (and starting it again for each takes more time than everything else). Each expression is a file that the REPL
 * imports and evaluates to the ground. That is not quite the same question: the REPL writes into a store (one of its own,
 * thrown away) and there are files in the directory; so whoever finds its answer surprising should ask nix-instantiate.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBytes } from '../../src/base/bytes.ts';
import { failure, labelsIn, type Outcome } from './outcome.ts';
import { type Finished, finish, messageOf, type Peer } from './peer.ts';

const end = '-- end of a case --';
/** A syntax error whatever came before: a failing import that tells of an unexpected end makes the REPL wait for more. */
const stop = ')';

/** For each expression how it fails, or nothing where it does not. */
export async function failuresOf(peer: Peer, expressions: readonly string[]): Promise<(Outcome | undefined)[]> {
  const files = expressions.map((text, i) => {
    const name = `case-${i}.nix`;
    writeFileSync(join(peer.directory, name), encodeBytes(text));
    return name;
  });
  try {
    const outcomes: (Outcome | undefined)[] = [];
    while (outcomes.length < expressions.length) {
      const rest = files.slice(outcomes.length);
      const { stderr, violence } = await run(peer, rest);
      const chunks = stderr.split(`trace: ${end}\n`);
      for (const chunk of chunks.slice(0, -1)) outcomes.push(verdict(chunk));
      // It ended in the middle of a case: of a full stack it says so.
      if (chunks.length <= rest.length)
        outcomes.push(violence === undefined ? verdict(chunks.at(-1)!) : { broken: violence });
    }
    return outcomes;
  } finally {
    for (const name of files) rmSync(join(peer.directory, name), { force: true });
  }
}

/** Of a case's messages the first counts: another is that of `stop`, which alone means that nothing failed. */
function verdict(stderr: string): Outcome | undefined {
  const message = messageOf(stderr);
  if (message === "syntax error, unexpected ')'" && stderr.includes('at «string»:1:1:')) return undefined;
  return failure(message, labelsIn(stderr));
}

function run({ directory, scratch }: Peer, files: readonly string[]): Promise<Finished> {
  const { NIX_PATH: _, ...env } = process.env;
  const options = {
    'allow-import-from-derivation': 'false',
    'fsync-metadata': 'false',
    'max-jobs': '0',
    'use-sqlite-wal': 'true',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['--option', name, value]);
  const child = spawn('nix', ['repl', '--store', `${scratch}/peer`, ...flags], {
    cwd: directory,
    env: { ...env, NO_COLOR: '1', NIX_CONF_DIR: directory, HOME: scratch },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(
    files.map((name) => `builtins.deepSeq (import ./${name}) null\n${stop}\nbuiltins.trace "${end}" null\n`).join(''),
  );
  return finish(child);
}

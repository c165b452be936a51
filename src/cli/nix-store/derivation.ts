/** nix-store --print-env and --read-log: what a derivation was built with, and what its builder said. Source: Nix manual. */
import { withStore } from '../../api/store/store-access.ts';
import { StoreQueries, textBytes } from '../../api/store-queries.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Invocation } from '../main.ts';
import { quoteForShell } from '../quote.ts';
import { writeOut } from '../terminal.ts';
import { accessOptions, readStoreWords } from './store-flags.ts';

export function printEnv(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, 'DRV', {});
  if (!read) return 0;
  const [word, ...more] = read.words;
  if (word === undefined || more.length > 0)
    throw new NixError("'--print-env' requires one derivation store path", { class: 'UsageError' });
  return withStore(accessOptions(read.options), (access) => {
    const { env, args } = new StoreQueries(access).derivation(access.storePath(word));
    for (const [name, value] of env) writeOut(textBytes(`export ${name}; ${name}=${quoteForShell(value)}\n`));
    writeOut(textBytes(`export _args; _args=${quoteForShell(args.join(' '))}\n`));
    return 0;
  });
}

export function readLog(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, 'PATH...', {});
  if (!read) return 0;
  return withStore(accessOptions(read.options), (access) => {
    const queries = new StoreQueries(access);
    for (const word of read.words) writeOut(queries.buildLog(access.storePath(word)));
    return 0;
  });
}

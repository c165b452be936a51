/**
 * nixlet channel: which versions of Debian's packages <nixpkgs> has, where that is the embedded set.
 *
 *   nixlet channel            says which lock is in use
 *   nixlet channel update     locks what the mirror has now (its signed index is verified)
 *   nixlet channel remove     goes back to the lock that nixlet came with
 */
import { lockInUse, removeChannel, updateChannel } from '../../api/channel.ts';
import { whileInterruptible } from '../../api/interrupt.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Invocation } from '../main.ts';
import { describeFlags, type Flag, readFlags } from '../options.ts';
import { writeError, writeOut } from '../terminal.ts';

interface Options {
  readonly mirrors: string[];
  keyring: string | undefined;
  help: boolean;
}

const flags: readonly Flag<Options>[] = [
  {
    names: ['--debian-mirror'],
    values: ['URL'],
    doc: "take the index from here instead of APT's mirrors",
    apply: (o, url) => void o.mirrors.push(url!),
  },
  {
    names: ['--keyring'],
    values: ['FILE'],
    doc: "Debian's keys, instead of those that APT trusts",
    apply: (o, file) => void (o.keyring = file),
  },
  { names: ['--help'], doc: 'this text', apply: (o) => void (o.help = true) },
];

export async function run({ args }: Invocation): Promise<number> {
  const options: Options = { mirrors: [], keyring: undefined, help: false };
  const [action, ...more] = readFlags(flags, args, options);
  if (options.help) {
    writeOut(`Usage: nixlet channel [update | remove] [FLAG...]\n\n${describeFlags(flags)}\n`);
    return 0;
  }
  if (more.length > 0) throw new NixError(`unexpected argument '${more[0]}'`, { class: 'UsageError' });
  switch (action) {
    case undefined:
      writeOut(`${lockInUse()}\n`);
      return 0;
    case 'update':
      return update(options);
    case 'remove': {
      const removed = removeChannel();
      writeError(removed === undefined ? 'there is no lock of your own to remove' : `removed '${removed}'`);
      return 0;
    }
  }
  throw new NixError(`'${action}' is not something that nixlet channel does`, {
    class: 'UsageError',
    hint: 'nixlet channel update locks what the mirror has now; nixlet channel remove goes back.',
  });
}

/** Vanished packages that are named, of many. */
const namedAtMost = 8;

async function update({ mirrors, keyring }: Options): Promise<number> {
  const { path, release, version, architectures } = await whileInterruptible((signal) =>
    updateChannel({ debianMirrors: mirrors, keyring, notify: writeError, signal }),
  );
  for (const { name, packages, changed, vanished } of architectures) {
    if (vanished.length > 0) {
      const rest = vanished.length > namedAtMost ? ` and ${vanished.length - namedAtMost} more` : '';
      writeError(`warning: not in ${release} any more: ${vanished.slice(0, namedAtMost).join(', ')}${rest} (${name})`);
    }
    writeError(`${release}${version ? ` ${version}` : ''}, ${name}: ${packages} packages, ${changed} files changed`);
  }
  writeOut(`${path}\n`);
  return 0;
}

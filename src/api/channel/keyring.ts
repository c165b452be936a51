/**
 * The keys that Debian's indices must be signed with: those that this machine's APT trusts for Debian (Signed-By of its
 * sources), else those of the package debian-archive-keyring. nixlet brings no keys of its own: trust is the machine's.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NixError } from '../../errors/nix-error.ts';
import { readAptSources } from '../../realise/download/apt-sources.ts';
import { debianSources } from '../../realise/download/mirrors.ts';

/** Keys in one of the two forms that files of keys have: binary, or ASCII with armour. */
export interface Keyring {
  /** For messages. */
  readonly name: string;
  readonly content: Uint8Array;
}

export interface KeyringOptions {
  /** A file that the user names; it counts alone. */
  readonly file?: string | undefined;
  /** /etc/apt */
  readonly aptDirectory: string;
}

const packaged = '/usr/share/keyrings/debian-archive-keyring.gpg';

export function findKeyrings({ file, aptDirectory }: KeyringOptions): Keyring[] {
  if (file !== undefined) return [readKeyring(file)];
  const signedBy = [...new Set(debianSources(readAptSources(aptDirectory)).map((source) => source.signedBy))];
  const inline = signedBy.filter((text) => text.includes('BEGIN PGP PUBLIC KEY BLOCK')).map(inlineKeyring);
  const named = signedBy
    .filter((text) => !text.includes('BEGIN PGP'))
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((path) => path.startsWith('/') && existsSync(path));
  if (inline.length + named.length > 0) return [...inline, ...named.map(readKeyring)];
  const trusted = join(aptDirectory, 'trusted.gpg.d');
  const customary = [
    packaged,
    ...(existsSync(trusted) ? readdirSync(trusted).sort() : [])
      .filter((name) => /^debian-archive-.*\.(gpg|asc)$/.test(name))
      .map((name) => join(trusted, name)),
  ].filter((path) => existsSync(path));
  if (customary.length > 0) return customary.map(readKeyring);
  throw new NixError("there is no key to verify Debian's index with", {
    class: 'Error',
    hint: "Install the package 'debian-archive-keyring', or name a file with Debian's keys: --keyring FILE",
  });
}

function readKeyring(path: string): Keyring {
  try {
    return { name: path, content: readFileSync(path) };
  } catch (error) {
    throw new NixError(`cannot read the keyring '${path}': ${(error as Error).message}`, { class: 'Error' });
  }
}

/** In deb822 sources a key may stand itself; a line with a dot stands for an empty one. */
function inlineKeyring(text: string): Keyring {
  const lines = text.split('\n').map((line) => (line.trim() === '.' ? '' : line.trim()));
  return { name: "the key in APT's sources", content: Buffer.from(`${lines.join('\n').trim()}\n`) };
}

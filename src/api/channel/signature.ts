/**
 * Verification of a cleartext signature (RFC 9580, section 7), as Debian's InRelease files have it. What is returned is
 * the text that was signed, and nothing around it. OpenPGP.js is large, and loaded here only.
 */
import type { PublicKey } from 'openpgp';
import { NixError } from '../../errors/nix-error.ts';
import type { Keyring } from './keyring.ts';

/** `label` names the text in messages. */
export async function verifiedText(signed: string, keyrings: readonly Keyring[], label: string): Promise<string> {
  const { readCleartextMessage, verify } = await import('openpgp');
  const fail = (problem: string, hint?: string) =>
    new NixError(`cannot trust '${label}': ${problem}`, { class: 'Error', hint });
  const keys = await readKeyrings(keyrings);
  let message: Awaited<ReturnType<typeof readCleartextMessage>>;
  try {
    message = await readCleartextMessage({ cleartextMessage: signed });
  } catch (error) {
    throw fail(`it is no signed text (${(error as Error).message})`);
  }
  const { data, signatures } = await verify({ message, verificationKeys: keys });
  const problems: string[] = [];
  for (const { keyID, verified } of signatures) {
    try {
      await verified;
      return String(data);
    } catch (error) {
      problems.push(`${keyID.toHex().toUpperCase()}: ${(error as Error).message}`);
    }
  }
  const names = keyrings.map(({ name }) => name).join(', ');
  throw fail(
    problems.length === 0 ? 'it has no signature' : `no signature is valid\n${problems.join('\n')}`,
    `The keys are those of ${names}. If Debian has new ones, update the package 'debian-archive-keyring', or use --keyring FILE.`,
  );
}

async function readKeyrings(keyrings: readonly Keyring[]): Promise<PublicKey[]> {
  const { readKeys } = await import('openpgp');
  const keys: PublicKey[] = [];
  for (const { name, content } of keyrings) {
    const armored = content[0] === 0x2d; // "-----BEGIN"; binary packets have their highest bit set
    try {
      const read = armored
        ? await readKeys({ armoredKeys: Buffer.from(content).toString('latin1') })
        : await readKeys({ binaryKeys: content });
      keys.push(...read.map((key) => key.toPublic()));
    } catch (error) {
      throw new NixError(`cannot read the keyring '${name}': ${(error as Error).message}`, { class: 'Error' });
    }
  }
  return keys;
}

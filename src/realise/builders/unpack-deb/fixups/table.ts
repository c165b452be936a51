/** All fixups that a derivation can ask for by name. */
import { unknownFixup } from '../messages.ts';
import { busyboxApplets } from './busybox-applets.ts';
import { caCertificatesBundle } from './ca-certificates-bundle.ts';
import type { Fixup } from './fixup.ts';
import { libraryLinks } from './library-links.ts';
import { passwd } from './passwd.ts';
import { pythonExecutable } from './python-executable.ts';

export const fixups: readonly Fixup[] = [busyboxApplets, caCertificatesBundle, libraryLinks, passwd, pythonExecutable];

export function fixupNamed(name: string): Fixup {
  const fixup = fixups.find((candidate) => candidate.name === name);
  if (!fixup) {
    throw unknownFixup(
      name,
      fixups.map((candidate) => candidate.name),
    );
  }
  return fixup;
}

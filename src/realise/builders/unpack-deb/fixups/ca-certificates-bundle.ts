/**
 * update-ca-certificates: one file of all certificates that the package trusts. Debian's name for it is
 * etc/ssl/certs/ca-certificates.crt; nixpkgs' cacert has etc/ssl/certs/ca-bundle.crt, so that is a link to it. The
 * links by hash, which OpenSSL wants for a directory of certificates, are not made: the bundle serves every program.
 */
import { fixupFailed } from '../messages.ts';
import type { Fixup } from './fixup.ts';

const source = 'share/ca-certificates/';
const bundle = 'etc/ssl/certs/ca-certificates.crt';

export const caCertificatesBundle: Fixup = {
  name: 'ca-certificates-bundle',
  doc: `joins ${source}**.crt into ${bundle}`,
  apply({ tree }) {
    const certificates = tree.files().filter(([path]) => path.startsWith(source) && path.endsWith('.crt'));
    if (certificates.length === 0)
      throw fixupFailed(caCertificatesBundle.name, `there are no certificates in ${source}`);
    const texts = certificates.map(([, node]) => node.data.toString('latin1').trimEnd());
    const data = Buffer.from(`${texts.join('\n')}\n`, 'latin1');
    tree.add(bundle, { kind: 'file', data, executable: false, from: caCertificatesBundle.name });
    const link = 'etc/ssl/certs/ca-bundle.crt';
    tree.add(link, {
      kind: 'link',
      text: 'ca-certificates.crt',
      destination: undefined,
      from: caCertificatesBundle.name,
    });
  },
};

/**
 * glibc's loader falls back to /etc/ld.so.cache and to /lib and /usr/lib: on a host that has libraries there, a program
 * of the store would quietly use them. The loader has these paths as strings whose lengths are compiled in, so each is
 * replaced by one of the same length that can hold no library: /dev/, and /dev/tty/ (a device, never a directory).
 */

const replacements: readonly (readonly [from: string, to: string])[] = [
  ['/etc/ld.so.cache\0', '/dev/ld.so.cache\0'],
  ['/etc/ld.so.preload\0', '/dev/ld.so.preload\0'],
];

/** The list of system directories: `/lib/<triplet>/\0/usr/lib/<triplet>/\0/lib/\0/usr/lib/\0`. */
const systemDirectories = /(?:\/(?:usr\/)?lib\/(?:[\w.-]+\/)?\0){2,}/g;

export function isLoader(name: string): boolean {
  return /^ld-linux[\w.-]*\.so\.\d+$/.test(name);
}

/** A copy that looks nowhere but where the programs say. */
export function makeLoaderPure(loader: Buffer): Buffer {
  let text = loader.toString('latin1');
  for (const [from, to] of replacements) text = text.replaceAll(from, to);
  text = text.replace(systemDirectories, (list) =>
    list.replaceAll('/usr/lib/', '/dev/tty/').replaceAll(/(^|\0)\/lib\//g, '$1/dev/'),
  );
  return Buffer.from(text, 'latin1');
}

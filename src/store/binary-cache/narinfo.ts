/**
 * A .narinfo file: what a binary cache says of one store object. Lines of `Key: value`:
 *
 *   StorePath    /nix/store/<hash>-<name>
 *   URL          of the NAR, relative to the cache          Compression   none, xz, zstd, gzip, br, bzip2 (the default)
 *   FileHash, FileSize     of the file behind URL           NarHash, NarSize   of the NAR within
 *   References   base names, separated by spaces            Deriver       base name, or unknown-deriver
 *   Sig          <key name>:<base 64>, any number           CA            content address
 *
 * Source: Nix manual, "Binary Cache".
 */
import { parseHash, printHash } from '../../derivation/hash-string.ts';
import { defaultStoreDir, parseStorePath, sortStorePaths } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';

export interface NarInfo {
  readonly path: string;
  readonly url: string;
  readonly compression: string;
  /** SHA-256 of the NAR. */
  readonly narHash: Uint8Array;
  readonly narSize: number;
  /** Compressed bytes. */
  readonly downloadSize: number | undefined;
  /** Store paths in byte order. */
  readonly references: readonly string[];
  readonly deriver: string | undefined;
  readonly signatures: readonly string[];
  readonly ca: string | undefined;
}

/** `label` is how the file is called in messages. */
export function parseNarInfo(text: string, label: string, storeDir: string = defaultStoreDir): NarInfo {
  const broken = (what: string) =>
    new NixError(`NAR info file '${label}' is corrupt: ${what}`, { class: 'StoreError' });
  const fields = new Map<string, string>();
  const signatures: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const colon = line.indexOf(': ');
    // A key without value is written "References: ", whose space editors and proxies like to cut.
    const [key, value] =
      colon < 0 && line.endsWith(':') ? [line.slice(0, -1), ''] : [line.slice(0, colon), line.slice(colon + 2)];
    if (colon < 0 && value !== '') throw broken(`line '${line}' has no colon`);
    if (key === 'Sig') signatures.push(value);
    else if (fields.has(key)) throw broken(`duplicate ${key}`);
    else fields.set(key, value);
  }
  const field = (key: string): string => {
    const value = fields.get(key);
    if (value === undefined || value === '') throw broken(`missing ${key}`);
    return value;
  };
  const number = (key: string): number => {
    const text = field(key);
    if (!/^\d+$/.test(text)) throw broken(`invalid ${key} '${text}'`);
    return Number(text);
  };
  const inStore = (baseName: string) => parseStorePath(`${storeDir}/${baseName}`, storeDir);
  const { algorithm, digest } = parseHash(field('NarHash'));
  if (algorithm !== 'sha256') throw broken('NarHash is not of SHA-256');
  const deriver = fields.get('Deriver');
  return {
    path: parseStorePath(field('StorePath'), storeDir),
    url: field('URL'),
    compression: fields.get('Compression') ?? 'bzip2',
    narHash: digest,
    narSize: number('NarSize'),
    downloadSize: fields.has('FileSize') ? number('FileSize') : undefined,
    references: sortStorePaths(
      (fields.get('References') ?? '')
        .split(' ')
        .filter((name) => name !== '')
        .map(inStore),
    ),
    deriver: deriver === undefined || deriver === '' || deriver === 'unknown-deriver' ? undefined : inStore(deriver),
    signatures,
    ca: fields.get('CA') || undefined,
  };
}

/** `fileHash`: SHA-256 of the file behind the URL. */
export function printNarInfo(info: NarInfo, fileHash: Uint8Array): string {
  const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const sha256 = (digest: Uint8Array) => printHash({ algorithm: 'sha256', digest }, 'nix32');
  const lines = [
    `StorePath: ${info.path}`,
    `URL: ${info.url}`,
    `Compression: ${info.compression}`,
    `FileHash: ${sha256(fileHash)}`,
    `FileSize: ${info.downloadSize}`,
    `NarHash: ${sha256(info.narHash)}`,
    `NarSize: ${info.narSize}`,
    `References: ${info.references.map(baseName).join(' ')}`,
    ...(info.deriver === undefined ? [] : [`Deriver: ${baseName(info.deriver)}`]),
    ...info.signatures.map((signature) => `Sig: ${signature}`),
    ...(info.ca === undefined ? [] : [`CA: ${info.ca}`]),
  ];
  return `${lines.join('\n')}\n`;
}

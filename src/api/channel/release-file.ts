/** A Release file: what a suite of a Debian archive is, and the SHA-256 of each of its indices. Source: DebianRepository/Format. */
import { NixError } from '../../errors/nix-error.ts';

export interface ReleaseFile {
  readonly codename: string;
  /** "12.15", where the suite has a version. */
  readonly version: string | undefined;
  readonly date: string;
  /** Seconds since 1970. */
  readonly validUntil: number | undefined;
  /** Indices may be asked for by their hash, so that an update of the mirror in between does no harm. */
  readonly byHash: boolean;
  /** By path below the suite: main/binary-amd64/Packages.xz. */
  readonly indices: ReadonlyMap<string, { readonly sha256: string; readonly size: number }>;
}

export function parseReleaseFile(text: string, label: string): ReleaseFile {
  const fields = new Map<string, string>();
  const indices = new Map<string, { sha256: string; size: number }>();
  let field = '';
  for (const line of text.split('\n')) {
    const match = /^([\w-]+):\s*(.*?)\s*$/.exec(line);
    if (match) {
      field = match[1]!.toLowerCase();
      fields.set(field, match[2]!);
    } else if (field === 'sha256') {
      const [sha256, size, path] = line.trim().split(/\s+/);
      if (/^[0-9a-f]{64}$/.test(sha256 ?? '') && path !== undefined)
        indices.set(path, { sha256: sha256!, size: Number(size) });
    }
  }
  const codename = fields.get('codename');
  if (codename === undefined || indices.size === 0)
    throw new NixError(`'${label}' is no Release file: it has no Codename, or no SHA256`, { class: 'Error' });
  const until = Date.parse(fields.get('valid-until') ?? '');
  return {
    codename,
    version: fields.get('version'),
    date: fields.get('date') ?? 'unknown date',
    validUntil: Number.isNaN(until) ? undefined : until / 1000,
    byHash: fields.get('acquire-by-hash') === 'yes',
    indices,
  };
}

/**
 * A Debian package index (a `Packages` file): paragraphs of "Field: value", and the relations between packages in them.
 * Source: Debian Policy chapters 5 (control fields) and 7 (relationships).
 */
import { compareVersions } from './version.ts';

export interface IndexedPackage {
  readonly package: string;
  readonly version: string;
  /** Pre-Depends, then Depends: every group needs one of its alternatives. */
  readonly depends: readonly Relation[][];
  readonly provides: readonly Relation[];
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

export interface Relation {
  readonly package: string;
  /** `<<`, `<=`, `=`, `>=`, `>>` and the version it compares with. */
  readonly operator?: string;
  readonly version?: string;
}

/** Packages by name, the newest version of each, over any number of indices. */
export class PackageIndex {
  readonly #packages = new Map<string, IndexedPackage>();
  readonly #providers = new Map<string, { provider: string; version: string | undefined }[]>();

  /** Adds an index's text. Call `seal` after the last one. */
  add(text: string): void {
    for (const paragraph of text.split('\n\n')) {
      const entry = readParagraph(paragraph);
      if (!entry) continue;
      const old = this.#packages.get(entry.package);
      if (!old || compareVersions(entry.version, old.version) > 0) this.#packages.set(entry.package, entry);
    }
  }

  seal(): void {
    for (const entry of this.#packages.values())
      for (const { package: virtual, version } of entry.provides) {
        const providers = this.#providers.get(virtual) ?? [];
        providers.push({ provider: entry.package, version });
        this.#providers.set(virtual, providers);
      }
  }

  get(name: string): IndexedPackage | undefined {
    return this.#packages.get(name);
  }

  get size(): number {
    return this.#packages.size;
  }

  /** Names of the packages that satisfy a relation: the one of that name first, then providers by name. */
  satisfying(relation: Relation): string[] {
    const found: string[] = [];
    const real = this.#packages.get(relation.package);
    if (real && holds(real.version, relation)) found.push(real.package);
    const providers = (this.#providers.get(relation.package) ?? [])
      .filter(({ version }) => (version === undefined ? relation.version === undefined : holds(version, relation)))
      .map(({ provider }) => provider);
    return [...found, ...providers.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))];
  }
}

function holds(version: string, { operator, version: wanted }: Relation): boolean {
  if (operator === undefined) return true;
  const order = compareVersions(version, wanted!);
  switch (operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    default:
      return order > 0;
  }
}

function readParagraph(text: string): IndexedPackage | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && line[0] !== ' ' && line[0] !== '\t')
      fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const name = fields.get('Package');
  if (!name || !fields.has('Filename') || !fields.has('SHA256')) return undefined;
  return {
    package: name,
    version: fields.get('Version')!,
    depends: [...readRelations(fields.get('Pre-Depends')), ...readRelations(fields.get('Depends'))],
    provides: readRelations(fields.get('Provides')).flat(),
    file: fields.get('Filename')!.replace(/^\.\//, ''),
    size: Number(fields.get('Size')),
    sha256: fields.get('SHA256')!,
  };
}

/** "a (>= 1), b | c:any": a conjunction of alternatives. */
export function readRelations(field: string | undefined): Relation[][] {
  if (!field) return [];
  return field.split(',').map((group) =>
    group.split('|').map((text) => {
      const match = /^\s*([a-z0-9][a-z0-9+.-]*)(?::\w+)?\s*(?:\(\s*(<<|<=|=|>=|>>)\s*([^)\s]+)\s*\))?/.exec(text);
      if (!match) throw new Error(`not a package relation: '${text}'`);
      return { package: match[1]!, operator: match[2], version: match[3] };
    }),
  );
}

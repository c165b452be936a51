/**
 * The archives that this machine's APT takes packages from: the only place where nixlet learns of a Debian mirror, unless
 * it is told one. Two formats stand side by side (sources.list(5)):
 *
 *   *.list     deb [option=value ...] URI suite component ...       one archive a line, `#` starts a comment
 *   *.sources  stanzas of fields (deb822): Types, URIs, Suites, Components, Enabled; a line that starts with white space
 *              goes on with the field above, lines that start with `#` are comments wherever they stand
 *
 * and the directories' files count in the order of their names.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareBytewise } from '../../base/order.ts';

export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string;
}

/** `aptDirectory`: /etc/apt. What cannot be read counts as absent, as APT itself treats it. */
export function readAptSources(aptDirectory: string): AptSource[] {
  const parts = join(aptDirectory, 'sources.list.d');
  return [
    ...parseSourcesList(readText(join(aptDirectory, 'sources.list'))),
    ...listNames(parts).flatMap((name) => {
      if (name.endsWith('.list')) return parseSourcesList(readText(join(parts, name)));
      return name.endsWith('.sources') ? parseDeb822Sources(readText(join(parts, name))) : [];
    }),
  ];
}

/** One-line format. */
export function parseSourcesList(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*(.*)$/.exec(line.replace(/#.*$/, ''));
    if (!match) continue;
    sources.push({
      uri: match[2]!,
      suites: [match[3]!],
      components: words(match[4]!),
      signedBy: /(?:^|\s)signed-by=(\S+)/.exec(match[1] ?? '')?.[1] ?? '',
    });
  }
  return sources;
}

/** deb822 format. */
export function parseDeb822Sources(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const stanza of deb822Stanzas(text)) {
    if (!words(stanza.get('types') ?? '').includes('deb')) continue;
    if (/^(no|false|0|off|without|disable)$/i.test(stanza.get('enabled')?.trim() ?? 'yes')) continue;
    const suites = words(stanza.get('suites') ?? '');
    const components = words(stanza.get('components') ?? '');
    const signedBy = stanza.get('signed-by')?.trim() ?? '';
    for (const uri of words(stanza.get('uris') ?? '')) sources.push({ uri, suites, components, signedBy });
  }
  return sources;
}

function deb822Stanzas(text: string): Map<string, string>[] {
  const stanzas: Map<string, string>[] = [];
  let stanza = new Map<string, string>();
  let field = '';
  for (const line of [...text.split('\n'), '']) {
    if (line.startsWith('#')) continue;
    if (line.trim() === '') {
      if (stanza.size > 0) stanzas.push(stanza);
      stanza = new Map();
      field = '';
    } else if (/^\s/.test(line)) stanza.set(field, `${stanza.get(field) ?? ''}\n${line.trim()}`);
    else {
      const colon = line.indexOf(':');
      if (colon < 0) continue;
      field = line.slice(0, colon).toLowerCase();
      stanza.set(field, line.slice(colon + 1).trim());
    }
  }
  return stanzas;
}

export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Names of a directory's files in byte order; none where it cannot be read. */
export function listNames(directory: string): string[] {
  try {
    return readdirSync(directory).sort(compareBytewise);
  } catch {
    return [];
  }
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

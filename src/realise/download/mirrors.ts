/**
 * `mirror://debian/pool/...` names a file of the Debian archive and no server. The servers are, in this order, those that
 * the user names (--debian-mirror, NIXLET_DEBIAN_MIRROR), else those of Debian's own archive among the sources of the
 * machine's APT. No host name stands in nixlet itself.
 */
import { NixError } from '../../errors/nix-error.ts';
import { type AptSource, readText, words } from './apt-sources.ts';

const scheme = 'mirror://';

export function isMirrorUrl(url: string): boolean {
  return url.startsWith(scheme);
}

export interface MirrorSettings {
  /** Base URLs that the user names; where there are any, APT's sources do not count. */
  readonly named: readonly string[];
  readonly aptSources: readonly AptSource[];
}

/** Every address at which the file may be, best first. Throws where no mirror is known. */
export function mirrorUrls(url: string, settings: MirrorSettings): string[] {
  const match = /^mirror:\/\/([^/]+)\/+(.+)$/.exec(url);
  if (!match) throw new NixError(`'${url}' is not a mirror address`, { class: 'Error' });
  const [, archive, path] = match;
  if (archive !== 'debian')
    throw new NixError(`'${url}' names the archive '${archive}'; only 'debian' is known`, { class: 'Error' });
  const bases = settings.named.length > 0 ? settings.named : debianArchives(settings.aptSources);
  if (bases.length === 0)
    throw new NixError(`cannot download '${url}': no Debian mirror is known`, {
      class: 'Error',
      hint: "APT's configuration names none; give one with --debian-mirror URL or NIXLET_DEBIAN_MIRROR=URL",
    });
  // Debian keeps its security archive's files under a name of their own.
  const ordered = path!.startsWith('pool/updates/')
    ? [...bases].sort((a, b) => Number(isSecurity(b)) - Number(isSecurity(a)))
    : bases;
  return ordered.map((base) => `${base.replace(/\/+$/, '')}/${path}`);
}

const isSecurity = (uri: string) => /security/.test(uri);

/** The sources that are Debian's own archive. */
export function debianSources(sources: readonly AptSource[]): AptSource[] {
  return sources.filter(isDebian);
}

/** The archive itself comes before those of security updates, which hold few files. */
function debianArchives(sources: readonly AptSource[]): string[] {
  const uris = debianSources(sources).flatMap((source) => expandUri(source.uri));
  const unique = [...new Set(uris.map((uri) => uri.replace(/\/+$/, '')))];
  return [...unique.filter((uri) => !isSecurity(uri)), ...unique.filter(isSecurity)];
}

const codename =
  /^(?:sid|buster|bullseye|bookworm|trixie|forky|duke)(?:-(?:updates|security|proposed-updates|backports)|\/updates)?$/;
const role = /^(?:stable|oldstable|oldoldstable|testing|unstable)(?:-(?:updates|security|backports)|\/updates)?$/;

/**
 * Debian's own archive, not somebody's packages for Debian: it has the component `main` in a suite of Debian's, and is
 * signed with Debian's key, or called debian, or (where no other key is named) divided as Debian is.
 */
function isDebian(source: AptSource): boolean {
  const named = source.suites.some((suite) => codename.test(suite));
  if (!named && !source.suites.some((suite) => role.test(suite))) return false;
  if (!source.components.includes('main')) return false;
  if (/debian-archive/.test(source.signedBy)) return true;
  if (source.signedBy !== '') return /\/debian(?:-security)?\/*$/.test(source.uri);
  if (/\/debian(?:-security)?(?:\.list)?(?:\/|$)/.test(source.uri)) return true;
  return named && source.components.every((name) => /^(?:main|contrib|non-free)/.test(name));
}

/** `mirror+file:` names a file that lists mirrors (apt-transport-mirror(1)); `copy:` is `file:` to us. */
function expandUri(uri: string): string[] {
  if (uri.startsWith('mirror+file:'))
    return readText(uri.slice('mirror+file:'.length).replace(/^\/\/(?=\/)/, ''))
      .split('\n')
      .map((line) => words(line.replace(/#.*$/, ''))[0])
      .filter((word) => word !== undefined)
      .flatMap(expandUri);
  if (/^(file|copy):/.test(uri)) return [`file://${uri.replace(/^\w+:(?:\/\/(?=\/))?/, '')}`];
  return /^https?:\/\//.test(uri) ? [uri] : [];
}

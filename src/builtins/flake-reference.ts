/**
 * References to sources, in their two forms: a URL-like text ("github:NixOS/nixpkgs/23.05?dir=lib") and a set of attributes
 * ({ type = "github"; owner = "NixOS"; ... }). A scheme is one way to fetch: it recognises its URLs, names its attributes,
 * and makes a URL of them again. Nothing is fetched here. Source: Nix manual, "Flake references".
 */
import { NixError } from '../errors/nix-error.ts';
import {
  application,
  parseQuery,
  parseSourceUrl,
  percentDecode,
  printSourceUrl,
  type SourceUrl,
  transport,
} from './source-url.ts';

export type SourceAttributes = Record<string, string | number | boolean>;

interface Scheme {
  readonly type: string;
  readonly attributes: readonly string[];
  /** The attributes without `type`; undefined where the URL is none of this scheme's. */
  fromUrl(url: SourceUrl, wantsTree: boolean): SourceAttributes | undefined;
  check?(attrs: SourceAttributes): void;
  toUrl(attrs: SourceAttributes): SourceUrl;
}

export interface ReferenceOptions {
  /** False: a URL that says nothing else of itself is that of a file. */
  readonly isFlake?: boolean;
  /** Leave relative paths as they are; otherwise they are refused. */
  readonly relativePaths?: boolean;
}

/** A text, with `dir` among the attributes. */
export function parseFlakeReference(
  text: string,
  { isFlake = true, relativePaths = false }: ReferenceOptions = {},
): SourceAttributes {
  const id = /^([a-zA-Z][a-zA-Z0-9_-]*(?:\/[a-zA-Z0-9@][a-zA-Z0-9_.@+/-]*)?)(?:#([^#]*))?$/.exec(text);
  const url = id
    ? makeUrl('flake', id[1]!.split('/'), {}, percentDecode(id[2] ?? ''))
    : (parseSourceUrl(text) ?? pathUrl(text, relativePaths));
  if (url.fragment !== '') throw failure(`unexpected fragment '${url.fragment}' in flake reference '${text}'`);
  const query = new Map(url.query);
  const dir = query.get('dir') ?? '';
  query.delete('dir');
  const attrs = sourceFromUrl({ ...url, query }, isFlake);
  return dir === '' ? attrs : { ...attrs, dir };
}

export function printFlakeReference({ dir = '', ...attrs }: SourceAttributes): string {
  const url = urlOfSource(attrs);
  return printSourceUrl(dir === '' ? url : { ...url, query: new Map([['dir', text(dir, 'dir')], ...url.query]) });
}

/** `wantsTree`: what is not marked otherwise is an archive to unpack, not a file. */
export function sourceFromUrl(url: SourceUrl, wantsTree: boolean): SourceAttributes {
  for (const scheme of schemes) {
    const attrs = scheme.fromUrl(url, wantsTree);
    if (attrs === undefined) continue;
    scheme.check?.(attrs);
    return { ...attrs, type: scheme.type };
  }
  const shown = printSourceUrl(url);
  throw failure(
    url.scheme === 'file+git'
      ? `input '${shown}' is unsupported; did you mean 'git+file' instead of 'file+git'?`
      : `input '${shown}' is unsupported`,
  );
}

/** Attributes as somebody wrote them, if there is such a source; `dir` may be among them. An unknown type is let pass. */
export function checkedSource(attrs: SourceAttributes): SourceAttributes {
  if (attrs.type === undefined) throw failure("'type' attribute to specify input scheme is required but not provided");
  const type = text(attrs.type, 'type');
  const scheme = schemes.find((one) => one.type === type);
  for (const name of scheme ? Object.keys(attrs) : [])
    if (name !== 'type' && name !== 'dir' && !scheme!.attributes.includes(name))
      throw failure(`input attribute '${name}' not supported by scheme '${type}'`);
  scheme?.check?.(attrs);
  return attrs;
}

function urlOfSource(attrs: SourceAttributes): SourceUrl {
  if (attrs.type === undefined) throw failure("'type' attribute to specify input scheme is required but not provided");
  const type = text(attrs.type, 'type');
  const scheme = schemes.find((one) => one.type === type);
  if (!scheme) throw failure(`cannot show unsupported input '${JSON.stringify(attrs)}'`);
  for (const name of Object.keys(attrs))
    if (name !== 'type' && !scheme.attributes.includes(name))
      throw failure(`input attribute '${name}' not supported by scheme '${type}'`);
  scheme.check?.(attrs);
  return scheme.toUrl(attrs);
}

function failure(message: string): NixError {
  return new NixError(message, { class: 'Error' });
}

function makeUrl(
  scheme: string,
  path: readonly string[],
  query: Readonly<Record<string, string | number | boolean | undefined>> = {},
  fragment = '',
): SourceUrl {
  const given = Object.entries(query).filter((entry): entry is [string, string | number | boolean] => {
    return entry[1] !== undefined;
  });
  const texts = given.map(
    ([name, value]) => [name, value === true ? '1' : value === false ? '0' : String(value)] as const,
  );
  return { scheme, authority: undefined, path, query: new Map(texts), fragment };
}

/** What is no URL is a path. */
function pathUrl(reference: string, relativePaths: boolean): SourceUrl {
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(reference) ?? [];
  if (!path.startsWith('/') && !relativePaths) throw failure(`flake reference '${reference}' is not an absolute path`);
  return {
    scheme: 'path',
    authority: path.startsWith('/') ? '' : undefined,
    path: path.split('/'),
    query: parseQuery(query),
    fragment: percentDecode(fragment),
  };
}

function text(value: string | number | boolean | undefined, name: string): string {
  if (value === undefined) throw failure(`input attribute '${name}' is missing`);
  if (typeof value !== 'string') throw failure(`input attribute '${name}' is not a string`);
  return value;
}

function revision(attrs: SourceAttributes): string | undefined {
  if (attrs.rev === undefined) return undefined;
  const rev = text(attrs.rev, 'rev');
  if (!isRevision(rev)) throw failure(`hash '${rev}' has wrong length for hash algorithm 'sha1'`);
  return rev.toLowerCase();
}

function isRevision(part: string): boolean {
  return /^[0-9a-fA-F]{40}$/.test(part);
}

/** git check-ref-format, for branches and tags. */
function isReferenceName(name: string): boolean {
  return (
    name !== '' &&
    name !== '@' &&
    !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$/.test(name) &&
    !name.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock'))
  );
}

function taken(query: ReadonlyMap<string, string>, names: readonly string[]): SourceAttributes {
  return Object.fromEntries([...query].filter(([name]) => names.includes(name)));
}

function withoutParameters(url: SourceUrl, names: readonly string[]): SourceUrl {
  return { ...url, query: new Map([...url.query].filter(([name]) => !names.includes(name))) };
}

/** A file or an archive at an address. */
function downloaded(type: 'file' | 'tarball'): Scheme {
  const attributes = ['url', 'narHash', 'name', 'unpack', 'rev', 'revCount', 'lastModified'];
  return {
    type,
    attributes,
    fromUrl(url, wantsTree) {
      if (!['file', 'http', 'https'].includes(transport(url.scheme))) return undefined;
      const kind = application(url.scheme);
      const isArchive = wantsTree || /\.(?:zip|tar|tgz|tar\.(?:gz|xz|bz2|zst))$/.test(url.path.at(-1) ?? '');
      if (kind === undefined ? isArchive !== (type === 'tarball') : kind !== type) return undefined;
      const attrs = taken(url.query, ['narHash', 'rev']);
      for (const name of ['revCount', 'lastModified']) {
        const value = url.query.get(name);
        if (value !== undefined && /^\d+$/.test(value)) attrs[name] = Number(value);
      }
      const plain = withoutParameters({ ...url, scheme: transport(url.scheme) }, attributes);
      return { ...attrs, url: printSourceUrl(plain) };
    },
    toUrl: (attrs) => withHash(addressOf(attrs), attrs),
  };
}

function addressOf(attrs: SourceAttributes): SourceUrl {
  const address = text(attrs.url, 'url');
  const url = parseSourceUrl(address);
  if (!url) throw failure(`'${address}' is not a valid URL`);
  return url;
}

function withHash(url: SourceUrl, { narHash }: SourceAttributes): SourceUrl {
  if (narHash === undefined) return url;
  return { ...url, query: new Map([...url.query, ['narHash', text(narHash, 'narHash')]]) };
}

const gitSwitches = ['shallow', 'submodules', 'lfs', 'exportIgnore', 'allRefs', 'verifyCommit'];
const gitTexts = ['rev', 'ref', 'keytype', 'publicKey', 'publicKeys'];

const git: Scheme = {
  type: 'git',
  attributes: [
    ...gitSwitches,
    ...gitTexts,
    ...['url', 'lastModified', 'revCount', 'narHash', 'name', 'dirtyRev', 'dirtyShortRev'],
  ],
  fromUrl(url) {
    if (url.scheme !== 'git' && application(url.scheme) !== 'git') return undefined;
    const attrs = taken(url.query, gitTexts);
    for (const name of gitSwitches) if (url.query.has(name)) attrs[name] = url.query.get(name) === '1';
    const plain = withoutParameters({ ...url, scheme: transport(url.scheme) }, [...gitSwitches, ...gitTexts]);
    return { ...attrs, url: printSourceUrl(plain) };
  },
  check({ ref }) {
    if (ref !== undefined && !isReferenceName(text(ref, 'ref'))) throw failure(`invalid Git branch/tag name '${ref}'`);
  },
  toUrl(attrs) {
    const url = addressOf(attrs);
    const query = new Map(url.query);
    const rev = revision(attrs);
    if (rev !== undefined) query.set('rev', rev);
    for (const name of ['ref', 'keytype', 'publicKey', 'publicKeys'])
      if (attrs[name] !== undefined) query.set(name, text(attrs[name], name));
    for (const name of ['shallow', 'lfs', 'submodules', 'exportIgnore', 'verifyCommit'])
      if (attrs[name] === true) query.set(name, '1');
    const { scheme } = url;
    return { ...url, scheme: scheme === 'git' || application(scheme) === 'git' ? scheme : `git+${scheme}`, query };
  },
};

const mercurial: Scheme = {
  type: 'hg',
  attributes: ['url', 'ref', 'rev', 'revCount', 'narHash', 'name'],
  fromUrl(url) {
    if (!/^hg\+(?:http|https|ssh|file)$/.test(url.scheme)) return undefined;
    const plain = withoutParameters({ ...url, scheme: transport(url.scheme) }, ['rev', 'ref']);
    return { ...taken(url.query, ['rev', 'ref']), url: printSourceUrl(plain) };
  },
  toUrl(attrs) {
    const url = addressOf(attrs);
    const query = new Map(url.query);
    const rev = revision(attrs);
    if (rev !== undefined) query.set('rev', rev);
    if (attrs.ref !== undefined) query.set('ref', text(attrs.ref, 'ref'));
    return { ...url, scheme: `hg+${url.scheme}`, query };
  },
};

/** An archive of a commit, from a host of Git repositories. */
function forge(type: 'github' | 'gitlab' | 'sourcehut'): Scheme {
  return {
    type,
    attributes: ['owner', 'repo', 'ref', 'rev', 'narHash', 'lastModified', 'host', 'treeHash'],
    fromUrl(url) {
      if (url.scheme !== type) return undefined;
      const shown = printSourceUrl(url);
      const [owner, repo, ...rest] = url.path.filter((part) => part !== '');
      if (owner === undefined || repo === undefined) throw failure(`URL '${shown}' is invalid`);
      const attrs: SourceAttributes = { owner, repo };
      if (rest.length > 0) attrs[rest.length === 1 && isRevision(rest[0]!) ? 'rev' : 'ref'] = rest.join('/');
      for (const [name, value] of url.query) {
        if (name === 'rev' && attrs.rev !== undefined) throw failure(`URL '${shown}' contains multiple commit hashes`);
        if (name === 'ref' && attrs.ref !== undefined)
          throw failure(`URL '${shown}' contains multiple branch/tag names`);
        if (!['rev', 'ref', 'host', 'narHash'].includes(name))
          throw failure(`URL '${shown}' contains unknown parameter '${name}'`);
        attrs[name] = value;
      }
      return attrs;
    },
    check(attrs) {
      text(attrs.owner, 'owner');
      text(attrs.repo, 'repo');
      const input = () => JSON.stringify({ ...attrs, type });
      const { ref, rev, host } = attrs;
      if (ref !== undefined && rev !== undefined)
        throw failure(`input ${input()} contains both a commit hash ('${rev}') and a branch/tag name ('${ref}')`);
      revision(attrs);
      if (ref !== undefined && !isReferenceName(text(ref, 'ref')))
        throw failure(`input ${input()} contains an invalid branch/tag name`);
      if (host !== undefined && !/^[a-zA-Z0-9.-]*$/.test(text(host, 'host')))
        throw failure(`input ${input()} contains an invalid instance host`);
    },
    toUrl(attrs) {
      const version = attrs.ref ?? revision(attrs);
      const path = [attrs.owner, attrs.repo, ...(version === undefined ? [] : [version])].map(String);
      return makeUrl(type, path, { narHash: attrs.narHash, host: attrs.host });
    },
  };
}

/** A name that registries know. */
const indirect: Scheme = {
  type: 'indirect',
  attributes: ['id', 'ref', 'rev', 'narHash'],
  fromUrl(url) {
    if (url.scheme !== 'flake') return undefined;
    const shown = printSourceUrl(url);
    const [id, first, second, ...more] = url.path.filter((part) => part !== '');
    if (id === undefined || more.length > 0) throw failure(`GitHub URL '${shown}' is invalid`);
    const attrs: SourceAttributes = { id };
    if (first === undefined) return attrs;
    if (second === undefined && isRevision(first)) return { ...attrs, rev: first.toLowerCase() };
    if (!isReferenceName(first))
      throw failure(
        `in flake URL '${shown}', '${first}' is not a ${second === undefined ? 'commit hash or ' : ''}branch/tag name`,
      );
    if (second === undefined) return { ...attrs, ref: first };
    if (!isRevision(second)) throw failure(`in flake URL '${shown}', '${second}' is not a commit hash`);
    return { ...attrs, ref: first, rev: second.toLowerCase() };
  },
  check({ id }) {
    if (!/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(text(id, 'id'))) throw failure(`'${id}' is not a valid flake ID`);
  },
  toUrl(attrs) {
    const path = [attrs.id, attrs.ref, revision(attrs)].filter((part) => part !== undefined);
    return makeUrl('flake', path.map(String));
  },
};

const localPath: Scheme = {
  type: 'path',
  attributes: ['path', 'rev', 'revCount', 'lastModified', 'narHash'],
  fromUrl(url) {
    if (url.scheme !== 'path') return undefined;
    const shown = printSourceUrl(url);
    if (url.authority) throw failure(`path URL '${shown}' should not have an authority ('${url.authority}')`);
    const attrs: SourceAttributes = { path: url.path.join('/') };
    for (const [name, value] of url.query) {
      if (name === 'rev' || name === 'narHash') attrs[name] = value;
      else if (name !== 'revCount' && name !== 'lastModified')
        throw failure(`path URL '${shown}' has unsupported parameter '${name}'`);
      else if (!/^\d+$/.test(value)) throw failure(`path URL '${shown}' has invalid parameter '${name}'`);
      else attrs[name] = Number(value);
    }
    return attrs;
  },
  toUrl: ({ path, type: _type, ...query }) => makeUrl('path', text(path, 'path').split('/'), query),
};

/** In the order in which they are asked. */
const schemes: readonly Scheme[] = [
  downloaded('file'),
  git,
  forge('github'),
  forge('gitlab'),
  mercurial,
  indirect,
  localPath,
  forge('sourcehut'),
  downloaded('tarball'),
];

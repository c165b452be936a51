/** Where hosts of Git repositories give an archive of a commit, and which commit a branch or tag is at. */
import { decodeBytes } from '../../base/bytes.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { EvalContext } from '../../runtime/eval-context.ts';
import type { SourceAttributes } from '../flake-reference.ts';

export type Forge = 'github' | 'gitlab' | 'sourcehut';

interface Place {
  readonly host: string;
  readonly owner: string;
  readonly repo: string;
}

interface ForgeRules {
  readonly host: string;
  archive(place: Place, rev: string): string;
  /** Address of a document that names the commit, and how to find it there. */
  commit(place: Place, ref: string): { readonly url: string; read(document: string): unknown };
}

const rules: Readonly<Record<Forge, ForgeRules>> = {
  github: {
    host: 'github.com',
    archive: ({ host, owner, repo }, rev) =>
      host === 'github.com'
        ? `https://${host}/${owner}/${repo}/archive/${rev}.tar.gz`
        : `https://${host}/api/v3/repos/${owner}/${repo}/tarball/${rev}`,
    commit: ({ host, owner, repo }, ref) => ({
      url: `https://${host === 'github.com' ? `api.${host}` : `${host}/api/v3`}/repos/${owner}/${repo}/commits/${ref}`,
      read: (document) => JSON.parse(document).sha,
    }),
  },
  gitlab: {
    host: 'gitlab.com',
    archive: ({ host, owner, repo }, rev) =>
      `https://${host}/api/v4/projects/${owner}%2F${repo}/repository/archive.tar.gz?sha=${rev}`,
    commit: ({ host, owner, repo }, ref) => ({
      url: `https://${host}/api/v4/projects/${owner}%2F${repo}/repository/commits?ref_name=${ref}`,
      read: (document) => JSON.parse(document)[0]?.id,
    }),
  },
  sourcehut: {
    host: 'git.sr.ht',
    archive: ({ host, owner, repo }, rev) => `https://${host}/${owner}/${repo}/archive/${rev}.tar.gz`,
    commit: ({ host, owner, repo }, ref) => ({
      url: `https://${host}/${owner}/${repo}/${ref === 'HEAD' ? 'HEAD' : 'info/refs'}`,
      read: (document) => referenceIn(document, ref),
    }),
  },
};

/** Lines `<commit> TAB <reference>`; of HEAD `ref: <reference>`. */
function referenceIn(document: string, ref: string): string | undefined {
  const wanted = ref === 'HEAD' ? /^ref: (\S+)/m.exec(document)?.[1] : ref;
  for (const line of document.split('\n')) {
    const [commit, name] = line.split(/\s+/);
    if (name === wanted || name === `refs/heads/${wanted}` || name === `refs/tags/${wanted}`) return commit;
  }
  return undefined;
}

export function forgeArchive(
  ctx: EvalContext,
  type: Forge,
  attrs: SourceAttributes,
): { readonly url: string; readonly rev: string } {
  const forge = rules[type];
  const { owner, repo, host = forge.host } = attrs;
  const place = { owner: String(owner), repo: String(repo), host: String(host) };
  const rev = typeof attrs.rev === 'string' ? attrs.rev : commitOf(ctx, forge, place, String(attrs.ref ?? 'HEAD'));
  return { url: forge.archive(place, rev), rev };
}

function commitOf(ctx: EvalContext, forge: ForgeRules, place: Place, ref: string): string {
  const { url, read } = forge.commit(place, ref);
  const { storePath } = ctx.host.store.fetch({ kind: 'file', url, name: 'source' });
  const rev = read(decodeBytes(ctx.host.readFile(storePath)));
  if (typeof rev === 'string' && /^[0-9a-f]{40}$/.test(rev)) return rev;
  throw new NixError(`'${url}' does not say which commit '${ref}' is at`, { class: 'Error' });
}

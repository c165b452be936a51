/**
 * An observation is one thing that an evaluation learned from outside: what it asked, and a digest of the answer. Asked
 * again, `observe` gives the digest of today's answer; where all are the same, so is the evaluation's result, because
 * nothing else went into it. Content decides, never a time stamp.
 */
import { createHash } from 'node:crypto';
import { NixError } from '../../errors/nix-error.ts';
import type { AddPathOptions, FetchRequest, FileType, Host } from '../../runtime/host.ts';

export type Question =
  | readonly ['file' | 'type' | 'directory' | 'link' | 'real' | 'env' | 'valid', string]
  | readonly ['home']
  /** Files that were added to the store; `decisions` is what the filter said of each `<type> <path>` it was asked about. */
  | readonly ['source', SourceQuestion]
  | readonly ['fetch', FetchQuestion];

export interface SourceQuestion {
  readonly path: string;
  readonly name: string;
  readonly method: AddPathOptions['method'];
  readonly expected: readonly [algorithm: string, hex: string] | undefined;
  readonly decisions: Readonly<Record<string, boolean>> | undefined;
}

export type FetchQuestion = Omit<FetchRequest, 'expected'> & {
  readonly expected: readonly [string, string] | undefined;
};

export type Observation = readonly [...Question, digest: string];

/** The digest of what the host answers now. A failure is an answer like any other. */
export function observe(host: Host, question: Question): string {
  return answered(() => {
    switch (question[0]) {
      case 'file':
        return digestBytes(host.readFile(question[1]));
      case 'type':
        return host.fileType(question[1]) ?? 'none';
      case 'directory':
        return digestListing(host.readDirectory(question[1]));
      case 'link':
        return host.readLink(question[1]);
      case 'real':
        return host.realPath(question[1]);
      case 'env':
        return digestVariable(host.getEnv(question[1]));
      case 'valid':
        return String(host.store.isValidPath(question[1]));
      case 'home':
        return homeText(host.homeDirectory());
      case 'source':
        return addSource(host, question[1]);
      case 'fetch':
        return digestFetch(host.store.fetch(withDigest(question[1])));
    }
  });
}

export function answered(answer: () => string): string {
  try {
    return answer();
  } catch (error) {
    if (error instanceof NixError) return digestFailure(error);
    throw error;
  }
}

function addSource(host: Host, { path, name, method, expected, decisions }: SourceQuestion): string {
  // A path that the filter was never asked about is new: its answer is not known.
  const filter = decisions && ((inner: string, type: FileType) => known(decisions, `${type} ${inner}`));
  return host.store.addPath({
    path,
    name,
    method,
    ...(filter ? { filter } : {}),
    ...(expected ? { expected: withDigest({ expected }).expected } : {}),
  });
}

function known(decisions: Readonly<Record<string, boolean>>, asked: string): boolean {
  const decision = decisions[asked];
  if (decision === undefined) throw new NixError(`'${asked}' is new`);
  return decision;
}

function withDigest<T extends { readonly expected: readonly [string, string] | undefined }>(request: T) {
  const { expected, ...rest } = request;
  return {
    ...rest,
    ...(expected ? { expected: { algorithm: expected[0], digest: Buffer.from(expected[1], 'hex') } } : {}),
  } as Omit<T, 'expected'> & Pick<AddPathOptions, 'expected'>;
}

export function digestBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** The same, where the SHA-256 is known. */
export function digestOf(sha256: Uint8Array): string {
  return Buffer.from(sha256).toString('base64');
}

export function digestListing(listing: ReadonlyMap<string, FileType>): string {
  const hash = createHash('sha256');
  for (const name of [...listing.keys()].sort()) hash.update(`${JSON.stringify(name)} ${listing.get(name)}\n`);
  return hash.digest('base64');
}

/** Values of variables may be secrets: only their digest is kept. */
export function digestVariable(value: string | undefined): string {
  return value === undefined ? 'unset' : digestBytes(Buffer.from(value));
}

/** No secret, and asked for by every evaluation. */
export function homeText(home: string | undefined): string {
  return home === undefined ? 'none' : `home ${home}`;
}

export function digestFetch(result: { readonly storePath: string; readonly attributes: object }): string {
  return `${result.storePath} ${JSON.stringify(result.attributes)}`;
}

export function digestFailure(error: NixError): string {
  return `failed: ${error.message}`;
}

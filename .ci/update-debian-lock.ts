/**
 * Writes src/nixpkgs/debian.lock.json: resolves the recipe's roots against Debian's own indices, downloads every .deb
 * once (into --cache), and notes what only the files themselves say: interpreters of scripts, modules for Python.
 *
 *   node .ci/update-debian-lock.ts [--cache DIR] [--arch amd64 --arch arm64] [ARCH=PACKAGES_FILE...]
 *
 * Without files the indices are the ones that this machine's APT has or can fetch (`apt-get update` first). Needs APT
 * and dpkg-deb, so Debian. Scripts of a package are the same on every architecture: amd64's .debs are looked into.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { type ArchitectureLock, type LockedPackage, readLock, writeLock } from '../src/nixpkgs/lock.ts';
import { type IndexedPackage, PackageIndex } from '../src/nixpkgs/relock/index.ts';
import { essentialInterpreter } from '../src/nixpkgs/relock/interpreters.ts';
import { pythonRoots, roots } from '../src/nixpkgs/relock/recipe.ts';
import { type ResolvedPackage, resolve } from '../src/nixpkgs/relock/resolve.ts';

const release = 'bookworm';
const aptHelper = '/usr/lib/apt/apt-helper';
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cache: { type: 'string' }, arch: { type: 'string', multiple: true } },
});
const cache = values.cache ?? join(tmpdir(), 'nixlet-debs');
const architectures = values.arch ?? ['amd64', 'arm64'];
const maximumBuffer = 1 << 30;

interface Target {
  readonly uri: string;
  readonly codename: string;
}

/** What looking into a .deb tells. */
interface Findings {
  readonly interpreters: readonly string[];
  readonly pythonModules: boolean;
}

mkdirSync(cache, { recursive: true });
const targets = indexTargets();
const findings = new Map<string, Findings>();
const locked: Record<string, ArchitectureLock> = {};
for (const architecture of architectures) {
  const index = await loadIndex(architecture);
  const resolution = resolve(index, [...roots, ...pythonRoots.map((name) => `python3-${name}`)]);
  for (const name of resolution.missing) console.error(`${architecture}: not in ${release}: ${name}`);
  const debs = resolution.packages.flatMap((one) => one.debs);
  if (findings.size === 0) {
    download(debs);
    for (const deb of debs) findings.set(deb.package, await inspect(join(cache, basename(deb.file))));
  }
  locked[architecture] = {
    packages: Object.fromEntries(resolution.packages.map((one) => [one.key, lockedPackage(one)])),
  };
  const megabytes = Math.round(debs.reduce((sum, deb) => sum + deb.size, 0) / 1e6);
  console.error(
    `${architecture}: ${resolution.packages.length} store paths, ${debs.length} .deb files, ${megabytes} MB`,
  );
}
const path = new URL('../src/nixpkgs/debian.lock.json', import.meta.url).pathname;
const text = writeLock({ format: 1, release, architectures: locked });
readLock(text, path);
writeFileSync(`${path}.new`, text);
renameSync(`${path}.new`, path);

function lockedPackage({ debs, depends }: ResolvedPackage): LockedPackage {
  const found = debs.map((deb) => findings.get(deb.package)).filter((one) => one !== undefined);
  const interpreters = [...new Set(found.flatMap((one) => one.interpreters))].sort();
  return {
    debs: debs.map(({ package: name, version, file, size, sha256 }) => ({
      package: name,
      version,
      file,
      size,
      sha256,
    })),
    depends,
    ...(interpreters.length > 0 ? { interpreters } : {}),
    ...(found.some((one) => one.pythonModules) ? { pythonModules: true } : {}),
  };
}

/** Debian's main component of the release, its updates and its security archive, as APT is configured for them. */
function indexTargets(): Target[] {
  const format = '$(IDENTIFIER) $(CODENAME) $(COMPONENT) $(REPO_URI)';
  const lines = execFileSync('apt-get', ['indextargets', '--format', format], { encoding: 'utf8' }).split('\n');
  const found = new Map<string, Target>();
  for (const line of lines) {
    const [identifier, codename, component, uri] = line.split(' ');
    if (identifier !== 'Packages' || component !== 'main' || !codename?.startsWith(release)) continue;
    found.set(`${uri} ${codename}`, { uri: uri!, codename });
  }
  return [...found.values()];
}

async function loadIndex(architecture: string): Promise<PackageIndex> {
  const index = new PackageIndex();
  const given = positionals.filter((argument) => argument.startsWith(`${architecture}=`));
  for (const argument of given) index.add(readIndexFile(argument.slice(architecture.length + 1)));
  if (given.length === 0)
    for (const { uri, codename } of targets) {
      const file = join(cache, `${codename}-${architecture}-Packages.xz`);
      fetchFiles([[`${uri}dists/${codename}/main/binary-${architecture}/Packages.xz`, file, undefined]]);
      index.add(readIndexFile(file));
    }
  index.seal();
  return index;
}

function readIndexFile(file: string): string {
  const options = { encoding: 'utf8', maxBuffer: maximumBuffer } as const;
  if (file.endsWith('.xz')) return execFileSync('xz', ['-dc', file], options);
  if (file.endsWith('.lz4')) return execFileSync(aptHelper, ['cat-file', file], options);
  return file.endsWith('.gz') ? gunzipSync(readFileSync(file)).toString() : readFileSync(file, 'utf8');
}

function download(debs: readonly IndexedPackage[]): void {
  const wanted = debs.filter((deb) => !existsSync(join(cache, basename(deb.file))));
  for (const archive of targets.filter(({ codename }) => !codename.endsWith('-updates'))) {
    const security = archive.codename.endsWith('-security');
    fetchFiles(
      wanted
        .filter(({ file }) => file.startsWith('pool/updates/') === security)
        .map(({ file, sha256 }) => [`${archive.uri}${file}`, join(cache, basename(file)), sha256]),
    );
  }
}

function fetchFiles(files: readonly (readonly [uri: string, file: string, sha256: string | undefined])[]): void {
  for (let i = 0; i < files.length; i += 50) {
    const batch = files.slice(i, i + 50);
    const args = batch.flatMap(([uri, file, sha256]) => [
      uri,
      `${file}.part`,
      sha256 === undefined ? '' : `SHA256:${sha256}`,
    ]);
    execFileSync(aptHelper, ['download-file', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    for (const [, file] of batch) renameSync(`${file}.part`, file);
  }
}

async function inspect(deb: string): Promise<Findings> {
  const interpreters = new Set<string>();
  let pythonModules = false;
  await eachFile(deb, (path, mode, content) => {
    if (path.startsWith('usr/lib/python3/dist-packages/')) pythonModules = true;
    if ((mode & 0o111) === 0 || content[0] !== 0x23 || content[1] !== 0x21) return;
    const interpreter = essentialInterpreter(path, content.subarray(0, 256).toString('latin1').split('\n')[0]!);
    if (interpreter) interpreters.add(interpreter);
  });
  return { interpreters: [...interpreters], pythonModules };
}

async function eachFile(deb: string, visit: (path: string, mode: number, content: Buffer) => void): Promise<void> {
  const entries = extract();
  entries.end(execFileSync('dpkg-deb', ['--fsys-tarfile', deb], { maxBuffer: maximumBuffer }));
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk);
    if (entry.header.type === 'file')
      visit(entry.header.name.replace(/^\.\//, ''), entry.header.mode ?? 0, Buffer.concat(chunks));
  }
}

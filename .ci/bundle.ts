/**
 * Makes dist/: the release. One ES module holds the program (start-up counts: nothing is resolved or read file by file),
 * a second one the Chevrotain parser, which is loaded only for text that is in no cache; the embedded package set is
 * copied as it is.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;
const dist = `${root}dist`;
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await build({
  entryPoints: {
    nixlet: `${root}src/cli/entry.ts`,
    index: `${root}src/index.ts`,
    parser: `${root}src/syntax/parse.ts`,
    'builder-thread': `${root}src/realise/threads/thread.ts`,
    'synchronous-worker': `${root}src/api/synchronous-worker.ts`,
  },
  define: { NIXLET_PARSER_MODULE: '"./parser.js"', NIXLET_BUILD: JSON.stringify(identity()) },
  outdir: dist,
  bundle: true,
  splitting: true,
  // Packages that stay their own: openpgp, whose licence (LGPL) wants it replaceable and which is large; seek-bzip, which uses
  // what Node warns about anywhere but in a package.
  external: ['openpgp', 'seek-bzip'],
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  chunkNames: '[name]-[hash]',
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  logLevel: 'warning',
});
cpSync(`${root}src/nixpkgs`, `${dist}/nixpkgs`, { recursive: true, filter: (path) => !path.endsWith('.ts') });

/** Of all code: see src/api/build-identity.ts. */
function identity(): string {
  const hash = createHash('sha256');
  for (const folder of ['src', 'grammar'])
    for (const name of (readdirSync(join(root, folder), { recursive: true }) as string[]).sort())
      if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(root, folder, name)));
  return hash.digest('hex').slice(0, 16);
}

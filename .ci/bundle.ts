/**
 * Makes dist/: the release. The program is a few scripts (program.ts); the library and the threads are ES modules that
 * share what they have in common; the embedded package set is copied as it is.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { NixParser } from '../grammar/parser.ts';
import { buildProgram } from './program.ts';

const root = new URL('..', import.meta.url).pathname;
const dist = `${root}dist`;
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const options: BuildOptions = {
  define: { NIXLET_BUILD: JSON.stringify(identity()), NIXLET_GRAMMAR: JSON.stringify(new NixParser().analysis()) },
  // Packages that stay their own: openpgp, whose licence (LGPL) wants it replaceable and which is large; seek-bzip, which uses
  // what Node warns about anywhere but in a package.
  external: ['openpgp', 'seek-bzip'],
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  logLevel: 'warning',
};
await buildProgram(root, dist, options);
await build({
  ...options,
  entryPoints: {
    index: `${root}src/index.ts`,
    parser: `${root}src/syntax/parse.ts`,
    'builder-thread': `${root}src/realise/threads/thread.ts`,
    'synchronous-worker': `${root}src/api/synchronous-worker.ts`,
  },
  define: { ...options.define, NIXLET_PARSER_MODULE: '"./parser.js"' },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  chunkNames: '[name]-[hash]',
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
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

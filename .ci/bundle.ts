/**
 * Makes dist/: the release. One ES module holds the program (start-up counts: nothing is resolved or read file by file),
 * a second one the Chevrotain parser, which is loaded only for text that is in no cache; the embedded package set is
 * copied as it is.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;
const dist = `${root}dist`;
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await build({
  entryPoints: {
    nixlet: `${root}src/cli/entry.ts`,
    parser: `${root}src/syntax/parse.ts`,
    'builder-thread': `${root}src/realise/threads/thread.ts`,
    'synchronous-worker': `${root}src/api/synchronous-worker.ts`,
  },
  define: { NIXLET_PARSER_MODULE: '"./parser.js"' },
  outdir: dist,
  bundle: true,
  splitting: true,
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

/**
 * The program as three classic scripts, because start-up counts (docs/decisions/0031): a script is read once, V8 takes its
 * functions from a cache (src/cli/launcher.js), and a module of Node's is loaded when something of it is first used, while
 * an ES module links every import before its first line runs.
 *
 *   nixlet.cjs         what evaluating needs: the command line, `eval`, `instantiate`, and all that these import
 *   nixlet-parser.cjs  the parser and Chevrotain, for text that is in no cache
 *   nixlet-rest.cjs    all other commands
 *
 * A script gives `modules`: what another one takes from it, by source file. It asks for
 *   require('nixlet:rest/src/cli/commands/nix-build.ts')     a module of another script, which is loaded when it is not yet
 *   require('node:crypto', ['createHash'])                   these things of a module of Node's, loaded when first used
 * and its first line is a comment with a hash of the rest, by which the cache knows it.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const main = ['src/cli/entry.ts', 'src/cli/commands/eval.ts', 'src/cli/commands/nix-instantiate.ts'];
const parser = 'src/syntax/parse.ts';
/** Modules of Node's that are always loaded: nothing is gained by waiting. */
const loaded = new Set(['node:fs', 'node:path']);

export async function buildProgram(root: string, dist: string, options: BuildOptions): Promise<void> {
  const common: BuildOptions = {
    ...options,
    absWorkingDir: root,
    format: 'cjs',
    bundle: true,
    write: false,
    banner: {},
    define: {
      ...options.define,
      NIXLET_REQUIRE: 'require',
      NIXLET_PARSER_MODULE: JSON.stringify(`nixlet:parser/${parser}`),
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
    // import() becomes require(), which knows the other scripts.
    supported: { 'dynamic-import': false },
  };
  const { metafile } = await build({ ...common, entryPoints: main, outdir: dist, metafile: true });
  const core = staticImports(metafile, main);
  const later = dynamicImports(metafile, core);
  // What the other scripts take from the first: known when they are made.
  const taken = new Set<string>();
  const outside = (script: (file: string) => string | undefined): Plugin => ({
    name: 'other scripts',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^\.{1,2}\// }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === 'resolving' || importer === '' || importer.includes('node_modules')) return undefined;
        const found = await resolve(path, { importer, resolveDir, kind, pluginData: 'resolving' });
        const file = relative(root, found.path);
        const other = script(file);
        if (other === undefined) return undefined;
        if (other === 'core') taken.add(file);
        return { path: `nixlet:${other}/${file}`, external: true };
      });
    },
  });
  const script = async (name: string, contents: string, plugin: Plugin) => {
    const { outputFiles } = await build({
      ...common,
      stdin: { contents, resolveDir: root, sourcefile: name, loader: 'js' },
      outfile: join(dist, name),
      plugins: [plugin],
    });
    for (const { path, text } of outputFiles!)
      writeFileSync(path, path.endsWith('.cjs') ? withHash(nodeModulesByName(text)) : text);
  };
  const inCore = (file: string) => (core.has(file) ? 'core' : undefined);
  const lazily = (files: readonly string[]) =>
    `exports.modules = {${files.map((file) => `${JSON.stringify(file)}: () => require('./${file}')`).join()}};`;
  await script('nixlet-parser.cjs', lazily([parser]), outside(inCore));
  await script('nixlet-rest.cjs', lazily(later), outside(inCore));
  const shared = [...taken].sort();
  await script(
    'nixlet.cjs',
    [
      `export { start } from './src/cli/entry.ts';`,
      ...shared.map((file, i) => `import * as m${i} from './${file}';`),
      `export const modules = {${shared.map((file, i) => `${JSON.stringify(file)}: () => m${i}`).join()}};`,
    ].join('\n'),
    outside((file) => (core.has(file) ? undefined : 'rest')),
  );
}

/** The files that are loaded with `entries`. */
function staticImports({ inputs }: Metafile, entries: readonly string[]): Set<string> {
  const seen = new Set(entries);
  for (const file of seen)
    for (const { path, kind, external } of inputs[file]!.imports)
      if (!external && kind === 'import-statement') seen.add(path);
  return seen;
}

/** The files outside of `files` that one of them imports later. */
function dynamicImports({ inputs }: Metafile, files: ReadonlySet<string>): string[] {
  const found = [...files].flatMap((file) => inputs[file]!.imports.filter(({ kind }) => kind === 'dynamic-import'));
  return [...new Set(found.map(({ path }) => path))].filter((path) => !files.has(path)).sort();
}

/** What is taken from a module of Node's is written behind its name. */
function nodeModulesByName(script: string): string {
  const names = new Map<string, Set<string>>();
  for (const [, variable, id] of script.matchAll(/\b(import_\w+)=require\("(node:[\w/]+)"\)/g)) {
    const of = names.get(id!) ?? new Set<string>();
    names.set(id!, of);
    for (const [, name] of script.matchAll(new RegExp(`\\b${variable}\\.([\\w$]+)`, 'g'))) of.add(name!);
  }
  return script.replace(/\b(import_\w+)=require\("(node:[\w/]+)"\)/g, (all, variable: string, id: string) =>
    loaded.has(id) ? all : `${variable}=require("${id}",${JSON.stringify([...names.get(id)!].sort())})`,
  );
}

function withHash(script: string): string {
  return `/*${createHash('sha256').update(script).digest('hex').slice(0, 16)}*/${script}`;
}

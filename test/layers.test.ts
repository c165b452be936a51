/**
 * The import rules of docs/architecture.md, as data. A failure prints the chain of imports that breaks the rule.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

/** Room -> rooms that it may import (itself always). */
const allowed: Record<string, readonly string[]> = {
  base: [],
  errors: ['base'],
  grammar: [],
  syntax: ['grammar', 'errors', 'base'],
  code: ['errors', 'base'],
  compile: ['syntax', 'code', 'errors', 'base'],
  runtime: ['code', 'derivation', 'errors', 'base'], // of derivation only types: the host port speaks of derivations
  derivation: ['errors', 'base'],
  builtins: ['runtime', 'derivation', 'errors', 'base'],
  eval: ['syntax', 'code', 'compile', 'runtime', 'builtins', 'derivation', 'errors', 'base'],
  store: ['derivation', 'errors', 'base'],
  realise: ['store', 'derivation', 'errors', 'base'],
  image: ['store', 'realise', 'derivation', 'errors', 'base'], // of realise only the types of builtin.ts
  nixpkgs: ['errors', 'base'],
  api: ['*'],
  cli: ['api', 'errors', 'base'],
};
/** Edges that may carry types only. */
const typesOnly = new Set(['runtime>derivation', 'image>realise']);
/** Rooms without any node: module. */
const pure = new Set([
  'grammar',
  'base',
  'errors',
  'syntax',
  'code',
  'compile',
  'runtime',
  'builtins',
  'eval',
  'derivation',
]);
/** Packages from npm that a room may import. */
const packages: Record<string, readonly string[]> = {
  grammar: ['chevrotain'],
  base: ['@noble/hashes'],

  store: ['xz-decompress'],
  realise: ['tar-stream', 'xz-decompress'],
  image: ['tar-stream'],
  api: ['immutable', 'openpgp', 'seek-bzip', 'tar-stream', 'yauzl'],
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  for (const m of text.matchAll(/^\s*(?:import|export)\s+(type\s+)?([^'"`;]*?\s+from\s+)?['"]([^'"]+)['"]/gm)) {
    const names = m[2] ?? '';
    const braces = names.match(/^\{([^}]*)\}/)?.[1];
    const allTypes = braces?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type ')) ?? false;
    found.push({ file, target: m[3]!, typeOnly: Boolean(m[1]) || allTypes });
  }
  for (const m of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ file, target: m[1]!, typeOnly: false });
  return found;
}

function roomOf(file: string): string | undefined {
  const parts = file.split('/');
  return parts[0] === 'grammar' ? 'grammar' : parts[0] === 'src' && parts.length > 2 ? parts[1] : undefined;
}

const all = [...files('grammar'), ...files('src')];
const rooms = [...new Set(all.map(roomOf))].filter((room) => room !== undefined);

describe('import rules', () => {
  it('knows every room', () => {
    expect(rooms.filter((room) => !(room in allowed))).toEqual([]);
  });

  for (const room of rooms)
    it(`${room} imports only what it may`, () => {
      const broken: string[] = [];
      for (const file of all.filter((f) => roomOf(f) === room))
        for (const { target, typeOnly } of importsOf(file)) {
          if (target.startsWith('.')) {
            const resolved = relative(root, join(root, dirname(file), target));
            const other = roomOf(resolved);
            if (!other || other === room || allowed[room]!.includes('*')) continue;
            if (!allowed[room]!.includes(other)) broken.push(`${file} -> ${resolved}: ${room} may not import ${other}`);
            else if (typesOnly.has(`${room}>${other}`) && !typeOnly)
              broken.push(`${file} -> ${resolved}: ${room} may import only types of ${other}`);
          } else if (target.startsWith('node:')) {
            if (pure.has(room)) broken.push(`${file} -> ${target}: ${room} is free of node: modules`);
          } else if (
            !typeOnly &&
            !(packages[room] ?? []).some((name) => target === name || target.startsWith(`${name}/`))
          )
            broken.push(`${file} -> ${target}: not a package of ${room}`);
        }
      expect(broken).toEqual([]);
    });
});

/** ELF files made by gcc on the spot, rewritten, and then run: the loader is the judge. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { editCompiledPaths } from '../../../src/realise/builders/unpack-deb/elf/compiled-paths.ts';
import { PT, readElf } from '../../../src/realise/builders/unpack-deb/elf/elf-file.ts';
import { type ElfChanges, rewriteElf } from '../../../src/realise/builders/unpack-deb/elf/rewrite-elf.ts';
import { withPeer } from '../../support/peers.ts';

function scratch(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'nixlet-elf-')));
}

function compile(directory: string, name: string, source: string, ...options: string[]): string {
  const output = join(directory, name);
  writeFileSync(join(directory, `${name}.c`), source);
  execFileSync('gcc', ['-O1', join(directory, `${name}.c`), '-o', output, ...options], { stdio: 'inherit' });
  return output;
}

function rewrite(path: string, changes: ElfChanges): void {
  writeFileSync(path, rewriteElf(readElf(readFileSync(path))!, changes));
  chmodSync(path, 0o755);
}

const library = '__thread int counter = 40; int answer(void) { return counter + 2; }';
const throwing = `
  #include <stdexcept>
  int answer() { try { throw std::runtime_error("x"); } catch (const std::exception &) { return 42; } }`;
const program =
  '#include <stdio.h>\nint answer(void); char bss[100000];\nint main(void) { printf("%d", answer()); return bss[77777]; }';

/** Kinds of files by the options that make them; each needs its library from a directory that only the run path names. */
const kinds: readonly (readonly [name: string, programOptions: string[], libraryOptions: string[]])[] = [
  ['position independent', ['-pie', '-fPIE'], []],
  ['at fixed addresses', ['-no-pie', '-fno-pie'], []],
  ['without a spare dynamic entry', ['-Wl,--spare-dynamic-tags=0'], ['-Wl,--spare-dynamic-tags=0']],
  ['with an old RPATH', ['-Wl,--disable-new-dtags,-rpath,/nonexistent'], []],
  ['with an old RUNPATH', ['-Wl,--enable-new-dtags,-rpath,/nonexistent'], []],
  ['without section headers', ['-s'], ['-s']],
];

describe('rewriting ELF files', () => {
  for (const [name, programOptions, libraryOptions] of kinds) {
    withPeer('gcc')(`runs: ${name}`, () => {
      const directory = scratch();
      const lib = join(directory, 'a/quite/long/directory/for/libraries');
      mkdirSync(lib, { recursive: true });
      compile(lib, 'libanswer.so', library, '-shared', '-fPIC', ...libraryOptions);
      const path = compile(directory, 'program', program, `-L${lib}`, '-lanswer', '-lm', ...programOptions);
      expect(spawnSync(path).status).not.toBe(0);
      const loader = readElf(readFileSync(path))!.interpreter!;
      rewrite(join(lib, 'libanswer.so'), { runPath: '/some/where:/else' });
      rewrite(path, { interpreter: `/./././././././.${loader}`, runPath: lib });
      expect(execFileSync(path).toString()).toBe('42');
      const elf = readElf(readFileSync(path))!;
      expect(elf.interpreter).toBe(`/./././././././.${loader}`);
      expect(elf.runPath).toBe(lib);
      expect(readElf(readFileSync(join(lib, 'libanswer.so')))!.runPath ?? '/some/where:/else').toBe(
        '/some/where:/else',
      );
      const addresses = elf.programHeaders.filter(({ type }) => type === PT.LOAD).map(({ address }) => address);
      expect(addresses).toEqual([...addresses].sort((a, b) => a - b));
    });
  }

  withPeer('gcc', 'g++')('keeps exceptions and thread-local data working where the header table has to move', () => {
    const directory = scratch();
    const path = compile(directory, 'program', program, `-L${directory}`, '-Wl,--unresolved-symbols=ignore-all', '-lc');
    writeFileSync(join(directory, 'answer.cc'), throwing);
    const shared = join(directory, 'libanswer.so');
    execFileSync('g++', ['-shared', '-fPIC', join(directory, 'answer.cc'), '-o', shared]);
    const original = readFileSync(shared);
    const notes = readElf(original)!.programHeaders;
    const table = 64;
    notes.forEach(({ type }, i) => {
      if (type === PT.NOTE) original.writeUInt32LE(0, table + i * 56); // PT_NULL
    });
    const changed = rewriteElf(readElf(original)!, { runPath: '/x' });
    const moved = readElf(changed)!;
    expect(moved.programHeaders).toHaveLength(notes.length + 1);
    expect(moved.programHeaders.find(({ type, address }) => type === PT.LOAD && address % 4096 === 0)).toBeDefined();
    writeFileSync(shared, changed);
    execFileSync(
      'g++',
      [
        join(directory, 'program.c'),
        '-x',
        'none',
        shared,
        '-o',
        path,
        '-fpermissive',
        '-w',
        '-Wl,--unresolved-symbols=ignore-all',
      ],
      {
        stdio: 'ignore',
      },
    );
    expect(spawnSync(path, { env: { LD_LIBRARY_PATH: directory } }).stdout.toString()).toBe('42');
  });

  withPeer('gcc', 'readelf')('leaves tools content', () => {
    const directory = scratch();
    const path = compile(directory, 'program', 'int main(void) { return 0; }');
    rewrite(path, { interpreter: '/a/longer/path/to/the/loader/than/before/ld.so', runPath: '/a:/b' });
    const { stdout, stderr } = spawnSync('readelf', ['-aW', path], { env: { LC_ALL: 'C', PATH: process.env.PATH } });
    expect(stderr.toString()).toBe('');
    expect(stdout.toString()).toContain('Library runpath: [/a:/b]');
    expect(stdout.toString()).toContain('/a/longer/path/to/the/loader/than/before/ld.so');
  });

  withPeer('gcc', 'patchelf')('agrees with patchelf', () => {
    const directory = scratch();
    const path = compile(directory, 'program', 'int main(void) { return 0; }');
    rewrite(path, { runPath: '/x/y' });
    expect(execFileSync('patchelf', ['--print-rpath', path]).toString()).toBe('/x/y\n');
    rewrite(path, { runPath: '' });
    expect(execFileSync('patchelf', ['--print-rpath', path]).toString()).toBe('\n');
  });

  withPeer('gcc')('leaves static programs and objects alone', () => {
    const directory = scratch();
    const source = 'int main(void) { return 0; }';
    for (const options of [['-c'], ['-static'], ['-static-pie']]) {
      expect(readElf(readFileSync(compile(directory, `x${options[0]}`, source, ...options)))).toBeUndefined();
    }
  });

  withPeer('gcc')('gives the same bytes where nothing changes', () => {
    const path = compile(scratch(), 'program', 'int main(void) { return 0; }');
    const elf = readElf(readFileSync(path))!;
    expect(rewriteElf(elf, { interpreter: elf.interpreter, runPath: '' })).toBe(elf.bytes);
  });

  withPeer('gcc')('never fails on a damaged file', () => {
    const bytes = readFileSync(compile(scratch(), 'program', 'int main(void) { return 0; }'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4095), fc.nat(255)), { maxLength: 8 }),
        fc.nat(bytes.length),
        (edits, size) => {
          const damaged = Buffer.from(bytes.subarray(0, size));
          for (const [at, value] of edits) if (at > 5 && at < damaged.length) damaged[at] = value;
          const elf = readElf(damaged);
          if (elf && elf.programHeaders.length < 100) expect(elf.needed).toBeInstanceOf(Array);
        },
      ),
    );
  });
});

describe('compiled-in paths', () => {
  const source = `
    #include <stdio.h>
    #include <string.h>
    __attribute__((noinline)) void show(const char *path, int length) { printf("%s|%d\\n", path, length); }
    __attribute__((noinline)) void show2(int flag, const char *path, int length) { show(path, length); }
    const char *volatile table[] = { "/usr/share/thing/data", "/usr/share/thingy", "/etc/x:/usr/share/thing:/usr/share/thing/2" };
    int main(void) {
      show("/usr/share/thing", 0);
      show2(1, "/usr/share/thing/lib", 20);
      puts(table[0]); puts(table[1]); puts(table[2]);
      return 0;
    }`;

  withPeer('gcc')('are changed in code, data and lengths', () => {
    const path = compile(scratch(), 'program', source);
    const elf = readElf(readFileSync(path))!;
    if (elf.machine !== 62) return; // other processors take addresses in other ways
    const to = '/nix/store/00000000000000000000000000000000-thing/share/thing';
    const edit = editCompiledPaths(elf, [['/usr/share/thing', to]])!;
    expect(edit.unreferenced).toEqual([]);
    writeFileSync(path, rewriteElf(elf, { ...edit }));
    expect(execFileSync(path).toString()).toBe(
      `${to}|0\n${to}/lib|${to.length + 4}\n${to}/data\n/usr/share/thingy\n/etc/x:${to}:${to}/2\n`,
    );
  });

  withPeer('gcc')('pass their new length along, as the third argument beside the second', () => {
    const path = compile(
      scratch(),
      'program',
      `#include <unistd.h>
       int main(void) { return write(1, "/usr/share/thing", 16) < 0; }`,
    );
    const elf = readElf(readFileSync(path))!;
    if (elf.machine !== 62) return;
    writeFileSync(path, rewriteElf(elf, { ...editCompiledPaths(elf, [['/usr/share/thing', '/a/much/longer/path']])! }));
    expect(execFileSync(path).toString()).toBe('/a/much/longer/path');
  });
});

/** The REPL over a pipe: values, bindings, unfinished lines, errors that the session survives, commands. */
import { describe, expect, it } from 'vitest';
import { nixlet, root } from '../support/nixlet.ts';

async function repl(input: string): Promise<{ out: string[]; err: string }> {
  const { stdout, stderr, code } = await nixlet(['nix', 'repl'], { input, cwd: root });
  expect(code).toBe(0);
  return { out: stdout.split('\n').filter((line) => line !== ''), err: stderr };
}

describe('nix repl', () => {
  it.each([
    ['(v: v) 123', '123'],
    ['v: v 123', '«lambda @ «string»:1:1»'],
    ['[ "World" "Universe" ]', '[ "World" "Universe" ]'],
    ['{ name = "World"; place = "Universe"; }.place', '"Universe"'],
    ['let\n  a = 1;\n  b = 2;\nin\n  a + b', '3'],
    ["''\n  two\n  lines\n''", '"two\\nlines\\n"'],
    ['{ a = 1; b = { c = 2; }; }', '{ a = 1; b = { ... }; }'],
    [':p { a = 1; b = { c = 2; }; }', '{ a = 1; b = { c = 2; }; }'],
    [':t 1', 'an integer'],
    [':p "a b"', 'a b'],
  ])('%s', async (input, output) => {
    expect((await repl(`${input}\n`)).out).toEqual([output]);
  });

  it('binds variables, one line or several, and sees them later', async () => {
    const { out } = await repl('x = 1; y = 2\nf = a:\n  a + x\nf y\ninherit (builtins) length\nlength [ 1 2 ]\n');
    expect(out).toEqual(['3', '2']);
  });

  it('adds the attributes of a set', async () => {
    const { out, err } = await repl(':a { alpha = 1; "with space" = 2; }\nalpha + 1\n');
    expect(err).toContain('Added 2 variables.\nalpha, "with space"\n');
    expect(out).toEqual(['2']);
  });

  it('survives errors', async () => {
    const { out, err } = await repl('nonsense 1\n1 +\n\n)\nthrow "oops"\n1 + 1\n');
    expect(err).toContain("undefined variable 'nonsense'");
    expect(err).toContain('oops');
    expect(out.at(-1)).toBe('2');
  });

  it('reports what was left unfinished at the end of input', async () => {
    expect((await repl('{ a = 1;')).err).toContain('syntax error, unexpected end of file');
  });

  it('says what it does not know', async () => {
    expect((await repl(':nonsense\n')).err).toContain("unknown command ':nonsense'");
  });

  it.each([
    ['next', ['Function `next`\\', '  … defined at FILE:5:10', 'Adds one.']],
    ['set.answer', ['Attribute `answer`', '  … defined at FILE:8:3', 'The answer.']],
    ['counter', ['Function `__functor`\\', '  … defined at FILE:16:7', 'Counts from `start`.']],
    ['set.plain', ['Attribute `plain`', '  … defined at FILE:20:3', 'No documentation found.']],
  ])(':doc %s', async (text, lines) => {
    const file = 'fixtures/repl/documented.nix';
    const { out } = await repl(`:l ${file}\nset = import ./${file}\n:doc ${text}\n`);
    expect(out.map((line) => line.replace(`${root}${file}`, 'FILE').trimEnd()).filter(Boolean)).toEqual(lines);
  });

  it('shows lines in errors as they were typed', async () => {
    const { err } = await repl('x = { }.missing\nx\n:doc { }.missing.more\n');
    expect(err).toContain('1| x = { }.missing\n');
    expect(err).toContain('1| { }.missing.more\n');
  });

  it('shows internal files in the editor', async () => {
    const { stdout } = await nixlet(['nix', 'repl'], { input: ':e derivation\n', cwd: root, env: { EDITOR: 'cat' } });
    expect(stdout).toContain('derivationStrict drvAttrs');
  });
});

/** nixlet eval --profile: a profile in V8's format whose frames are Nix's functions, builtins, derivations and files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CallProfile, type CpuProfile } from '../../../src/api/profile.ts';
import { builtins } from '../../../src/builtins/table.ts';
import { Source } from '../../../src/errors/source.ts';
import { printAmbiguous } from '../../../src/runtime/print-ambiguous.ts';
import { memorySession } from '../../support/memory-session.ts';
import { nixlet } from '../../support/nixlet.ts';

/** Evaluates on a clock that goes on by a millisecond whenever it is asked: each call and return is a sample. */
function profile(text: string, files: Record<string, string> = {}): { value: string; profile: CpuProfile } {
  let time = 0;
  const calls = new CallProfile(() => time++);
  const session = memorySession({ files, options: { observer: calls, builtins: calls.observe(builtins) } });
  const value = session.evalText(new Source(text, { kind: 'string' }), '/');
  return { value: printAmbiguous(value), profile: calls.finish() };
}

/** Stacks that were sampled, outermost first, each once. */
function stacks({ nodes, samples }: CpuProfile): string[] {
  const parent = new Map(nodes.flatMap((node) => node.children.map((child) => [child, node] as const)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stack = (id: number): string[] => {
    const above = parent.get(id);
    return [...(above ? stack(above.id) : []), byId.get(id)!.callFrame.functionName];
  };
  return [...new Set(samples.map((id) => stack(id).slice(1).join(' > ')))];
}

describe('profile', () => {
  it('names functions, also where they call each other in tail position', () => {
    const run = profile('let inner = x: x + 1; outer = x: inner x; in outer 1');
    expect(run.value).toBe('2');
    expect(stacks(run.profile)).toEqual(['', 'outer', 'outer > inner']);
  });

  it('names builtins, and functions without a name by their argument', () => {
    expect(stacks(profile("builtins.foldl' (a: b: a) 0 [ 1 ]").profile)).toContain("builtins.foldl' > (a: ...)");
  });

  it('says where functions stand', () => {
    const { nodes } = profile('import /f.nix 1', { '/f.nix': '# one\n  (x: x)\n' }).profile;
    const frame = nodes.find(({ callFrame }) => callFrame.functionName === '(x: ...)')!.callFrame;
    expect(frame).toMatchObject({ url: '/f.nix', lineNumber: 1, columnNumber: 3 });
    expect(nodes.map(({ callFrame }) => callFrame.functionName)).toContain('file /f.nix');
  });

  it('tells derivations apart', () => {
    const one = (name: string) => `(derivation { name = "${name}"; system = "s"; builder = "b"; }).drvPath`;
    const { nodes } = profile(`"\${${one('a')}}\${${one('b')}}"`).profile;
    const names = nodes.map(({ callFrame }) => callFrame.functionName);
    expect(names).toContain('derivation a');
    expect(names).toContain('derivation b');
  });

  it('comes out of what throws', () => {
    const run = profile('let fail = x: throw "no"; in if (builtins.tryEval (fail 1)).success then 1 else 2');
    expect(stacks(run.profile).some((stack) => stack.endsWith('fail > builtins.throw'))).toBe(true);
    expect(run.profile.samples.at(-1)).toBe(1);
  });

  it('accounts for all of the time', () => {
    const { samples, timeDeltas, startTime, endTime, nodes } = profile(
      'builtins.length (map (x: x) [ 1 2 3 ])',
    ).profile;
    expect(timeDeltas).toHaveLength(samples.length);
    expect(nodes.reduce((sum, { hitCount }) => sum + hitCount, 0)).toBe(samples.length);
    const last = endTime - startTime - timeDeltas.reduce((a, b) => a + b, 0);
    expect(last).toBeGreaterThan(0);
    expect(nodes.every(({ id }, i) => id === i + 1)).toBe(true);
  });
});

describe('nixlet eval --profile', () => {
  const directory = () => {
    const made = mkdtempSync(join(tmpdir(), 'nixlet-profile-'));
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
    return made;
  };

  it('prints the same and writes the file', async () => {
    const file = join(directory(), 'out.cpuprofile');
    const done = await nixlet([
      'eval',
      '--profile',
      file,
      '-E',
      'let f = n: if n == 0 then 0 else f (n - 1); in f 5000',
    ]);
    expect(done).toEqual({ code: 0, stdout: '0\n', stderr: '' });
    const written = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
    expect(written.nodes[0]!.callFrame.functionName).toBe('(root)');
  });

  it('writes it for an evaluation that fails, too, whose error is the same', async () => {
    const cwd = directory();
    writeFileSync(join(cwd, 'default.nix'), 'let f = x: throw "broken"; in f 1');
    const plain = await nixlet(['eval'], { cwd });
    expect(await nixlet(['eval', '--profile', 'p'], { cwd })).toEqual(plain);
    expect(plain.code).toBe(1);
    expect(JSON.parse(readFileSync(join(cwd, 'p'), 'utf8'))).toHaveProperty('samples');
  });
});

/**
 * The evaluation cache never gives a stale answer: after any edit of a tree of files, a remembered question has the answer
 * that evaluating it anew has. And it does remember: nothing changed, nothing is evaluated.
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Evaluation } from '../../../src/api/evaluation.ts';

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-eval-cache-'));
  process.env.XDG_CACHE_HOME = join(work, 'cache');
});
afterAll(() => {
  delete process.env.XDG_CACHE_HOME;
  rmSync(work, { recursive: true, force: true });
});

/** Asks of files in every way that the language has. */
const expression = `
let
  walk = dir: builtins.mapAttrs (name: type:
    if type == "directory" then walk (dir + "/\${name}")
    else if type == "regular" then builtins.readFile (dir + "/\${name}")
    else type) (builtins.readDir dir);
  names = [ "a" "b" "c" "a/a" "b/c" "skip" ];
in {
  tree = walk ./tree;
  exists = map (name: builtins.pathExists (./tree + "/\${name}")) names;
  types = map (name: if builtins.pathExists (./tree + "/\${name}") then builtins.readFileType (./tree + "/\${name}") else null) names;
  whole = "\${./tree}";
  some = builtins.path { path = ./tree; name = "some"; filter = path: type: type != "symlink" && baseNameOf path != "skip"; };
  imported = if builtins.pathExists ./tree/a && builtins.readFileType ./tree/a == "regular" then (builtins.tryEval (import ./tree/a)).value else null;
  env = builtins.getEnv "NIXLET_TEST_VARIABLE";
}`;

function ask(directory: string, how: 'remember' | 'anew'): { answer: string; computed: boolean } {
  const settings: [string, string][] = how === 'anew' ? [['eval-cache', 'false']] : [];
  const evaluation = new Evaluation({ directory, settings, storeRoot: join(work, 'store'), readOnly: true });
  let computed = false;
  const answer = evaluation.remember({ test: expression }, () => {
    computed = true;
    return evaluation.printJson(evaluation.text(expression).evaluate(), { strict: true });
  });
  evaluation.store.close();
  return { answer, computed };
}

const name = fc.constantFrom('a', 'b', 'c', 'skip');
const path = fc.oneof(
  name,
  fc.tuple(name, name).map((parts) => parts.join('/')),
);
const contents = fc.constantFrom('1', '2', '"text"', '{ x = 1; }');
type Edit = (tree: string) => void;

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(path, contents).map(
    ([to, text]): Edit =>
      (tree) =>
        writeFileSync(join(tree, to), text),
  ),
  // The same size and the same times: only content tells.
  fc.tuple(path, contents).map(
    ([to, text]): Edit =>
      (tree) => {
        const { atime, mtime } = lstatSync(join(tree, to));
        writeFileSync(join(tree, to), text);
        utimesSync(join(tree, to), atime, mtime);
      },
  ),
  path.map(
    (at): Edit =>
      (tree) =>
        mkdirSync(join(tree, at)),
  ),
  path.map(
    (at): Edit =>
      (tree) =>
        rmSync(join(tree, at), { recursive: true }),
  ),
  fc.tuple(path, path).map(
    ([from, to]): Edit =>
      (tree) =>
        renameSync(join(tree, from), join(tree, to)),
  ),
  fc.tuple(path, name).map(
    ([at, target]): Edit =>
      (tree) =>
        symlinkSync(target, join(tree, at)),
  ),
  fc.tuple(path, fc.constantFrom(0o644, 0o755)).map(
    ([at, mode]): Edit =>
      (tree) =>
        chmodSync(join(tree, at), mode),
  ),
  fc.constantFrom('', 'one', 'two').map(
    (value): Edit =>
      () =>
        void (process.env.NIXLET_TEST_VARIABLE = value),
  ),
);

it('never answers with what was', { timeout: 240_000 }, () => {
  let remembered = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      const tree = join(mkdtempSync(join(work, 'case-')), 'tree');
      mkdirSync(tree);
      for (const change of edits) {
        try {
          change(tree);
        } catch {
          // An edit that is impossible here (no such file, a directory in the way) is no edit.
        }
        let anew: string;
        try {
          anew = ask(dirname(tree), 'anew').answer;
        } catch {
          continue; // what fails is not remembered
        }
        expect(ask(dirname(tree), 'remember').answer).toBe(anew);
        const again = ask(dirname(tree), 'remember');
        expect(again).toEqual({ answer: anew, computed: false });
        remembered++;
      }
    }),
    { numRuns: 60 },
  );
  expect(remembered).toBeGreaterThan(20);
});

it('does not remember what depends on the time', () => {
  const question = () => {
    const evaluation = new Evaluation({ directory: work, storeRoot: join(work, 'store'), readOnly: true });
    let computed = false;
    evaluation.remember({ test: 'time' }, () => {
      computed = true;
      return evaluation.printJson(evaluation.text('builtins.currentTime').evaluate(), { strict: true });
    });
    return computed;
  };
  expect([question(), question()]).toEqual([true, true]);
});

it('says again what was said', () => {
  const said: string[][] = [];
  for (let run = 0; run < 2; run++) {
    const messages: string[] = [];
    const evaluation = new Evaluation({
      directory: work,
      storeRoot: join(work, 'store'),
      readOnly: true,
      onMessage: (text) => messages.push(text),
    });
    evaluation.remember({ test: 'said' }, () =>
      evaluation.printJson(evaluation.text('builtins.trace "once" 1').evaluate(), { strict: true }),
    );
    said.push(messages);
  }
  expect(said).toEqual([['trace: once'], ['trace: once']]);
});

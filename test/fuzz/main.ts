/** npm run fuzz -- --cases N --seed N [--only differential|soup] [--finds N]: the long run; see docs/conformance.md. */
import { parseArgs } from 'node:util';
import { compare, type Difference, smallest, sortOf, type Tally } from './differential.ts';
import { prelude } from './forms.ts';
import { NixletThread } from './nixlet-thread.ts';
import { show } from './outcome.ts';
import { shortest, stir } from './soup.ts';
import { makeWorkplace } from './workplace.ts';

const batchSize = 500;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: '' },
    finds: { type: 'string', default: '20' },
  },
});
const cases = Number(values.cases);
const seed = Number(values.seed);
const maxFinds = Number(values.finds);

const workplace = makeWorkplace();
const nixlet = new NixletThread(workplace);
const contest = { nixlet, peer: workplace };
let finds = 0;

try {
  print(`seed ${seed}, ${cases} cases of each sort`);
  if (values.only !== 'soup') await differential();
  if (values.only !== 'differential') await soup();
} finally {
  await nixlet.close();
  workplace.remove();
}
process.exitCode = finds > 0 ? 1 : 0;

async function differential(): Promise<void> {
  const tally: Tally = { cases: 0, values: 0, known: new Map() };
  const sorts = new Map<string, number>();
  const started = performance.now();
  for (let batch = 0; tally.cases < cases; batch++) {
    const found = await compare(contest, seed + batch, Math.min(batchSize, cases - tally.cases), tally);
    for (const one of found) {
      finds++;
      const sort = `${sortOf(one.ours)} / ${sortOf(one.theirs)}`;
      const count = (sorts.get(sort) ?? 0) + 1;
      sorts.set(sort, count);
      if (count <= 8 && finds <= maxFinds) report(await smallest(contest, one));
    }
    print(
      `differential: ${tally.cases} cases in ${seconds(started)} s, ${tally.values} with a value, ${finds} differences, known ${[...tally.known.values()].reduce((a, b) => a + b, 0)}`,
    );
    if (finds > maxFinds) break;
  }
  for (const [sort, count] of sorts) print(`  ${count} of ${sort}`);
  for (const [why, count] of tally.known) print(`  known: ${count} of ${why}`);
}

async function soup(): Promise<void> {
  const started = performance.now();
  const counts = { value: 0, failure: 0, broken: 0 };
  for (let batch = 0, done = 0; done < cases; batch++) {
    const count = Math.min(batchSize, cases - done);
    const { outcomes, broken } = await stir(nixlet, seed + batch, count);
    done += count;
    for (const outcome of outcomes)
      counts['value' in outcome ? 'value' : 'failure' in outcome ? 'failure' : 'broken']++;
    for (const one of broken) {
      finds++;
      if (counts.broken > maxFinds) continue;
      const { text, outcome } = await shortest(nixlet, one);
      print(`--- ${JSON.stringify(text)}\n  nixlet: ${show(outcome)}`);
    }
    print(
      `soup: ${done} cases in ${seconds(started)} s, ${counts.value} with a value, ${counts.failure} with a Nix error, ${counts.broken} broken`,
    );
  }
}

function seconds(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(0);
}

function report({ text, ours, theirs }: Difference): void {
  print(`--- ${text.replace(prelude, 'PRELUDE ')}\n  nixlet: ${show(ours)}\n  C++ Nix: ${show(theirs)}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

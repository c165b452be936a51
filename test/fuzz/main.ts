/** npm run fuzz -- --cases N --seed N [--only differential|soup] [--finds N] [--lanes N] [--files DIR]: the long run; see docs/conformance.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { decodeBytes } from '../../src/base/bytes.ts';
import { compareBytewise } from '../../src/base/order.ts';
import { type Contest, compare, type Difference, smallest, sortOf, type Tally } from './differential.ts';
import { prelude } from './forms.ts';
import { NixletThread } from './nixlet-thread.ts';
import { show } from './outcome.ts';
import { soup as plainSoup, shortest, spoiled, stir } from './soup.ts';
import { makeWorkplace, type Workplace } from './workplace.ts';

const batchSize = 500;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: '' },
    finds: { type: 'string', default: '20' },
    /** A directory whose .nix files are spoiled and put into the soup. */
    files: { type: 'string', default: '' },
    /** How many threads evaluate, each with a peer of its own. */
    lanes: { type: 'string', default: '2' },
  },
});
const cases = Number(values.cases);
const seed = Number(values.seed);
const maxFinds = Number(values.finds);

const lanes = Number(values.lanes);
let finds = 0;

print(`seed ${seed}, ${cases} cases of each sort`);
await Promise.all([values.only === 'soup' || differential(), values.only === 'differential' || soup()]);
process.exitCode = finds > 0 ? 1 : 0;

/** Calls `work` with a thread and a directory of its own, which are gone afterwards. */
async function inLane(work: (nixlet: NixletThread, workplace: Workplace) => Promise<void>): Promise<void> {
  const workplace = makeWorkplace();
  const nixlet = new NixletThread(workplace);
  try {
    await work(nixlet, workplace);
  } finally {
    await nixlet.close();
    workplace.remove();
  }
}

async function differential(): Promise<void> {
  const tally: Tally = { cases: 0, values: 0, known: new Map() };
  const sorts = new Map<string, number>();
  const started = performance.now();
  let batch = 0;
  const lane = () =>
    inLane(async (nixlet, peer) => {
      while (batch * batchSize < cases && finds <= maxFinds) {
        const number = batch++;
        const count = Math.min(batchSize, cases - number * batchSize);
        await compareBatch({ nixlet, peer }, seed + number, count);
      }
    });
  const compareBatch = async (contest: Contest, batchSeed: number, count: number) => {
    for (const one of await compare(contest, batchSeed, count, tally)) {
      finds++;
      const sort = `${sortOf(one.ours)} / ${sortOf(one.theirs)}`;
      const seen = (sorts.get(sort) ?? 0) + 1;
      sorts.set(sort, seen);
      if (seen <= 8 && finds <= maxFinds) report(await smallest(contest, one));
    }
    const known = [...tally.known.values()].reduce((a, b) => a + b, 0);
    print(
      `differential: ${tally.cases} cases in ${seconds(started)} s, ${tally.values} with a value, ${finds} differences, known ${known}`,
    );
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  for (const [sort, count] of sorts) print(`  ${count} of ${sort}`);
  for (const [why, count] of tally.known) print(`  known: ${count} of ${why}`);
}

async function soup(): Promise<void> {
  const started = performance.now();
  const counts = { value: 0, failure: 0, broken: 0 };
  const ingredients =
    values.files === '' ? plainSoup : fc.oneof(plainSoup, { weight: 2, arbitrary: spoiled(nixFiles(values.files)) });
  await inLane(async (nixlet) => {
    for (let batch = 0, done = 0; done < cases; batch++) {
      const count = Math.min(batchSize, cases - done);
      const { outcomes, broken } = await stir(nixlet, seed + batch, count, ingredients);
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
  });
}

/** Texts of the files below a directory, without very long ones. */
function nixFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.nix'))
    .sort(compareBytewise)
    .map((name) => decodeBytes(readFileSync(join(directory, name))))
    .filter((text) => text.length > 0 && text.length < 20_000);
}

function seconds(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(0);
}

function report({ text, compiled, ours, theirs }: Difference): void {
  print(
    `---${compiled ? ' (compiled)' : ''} ${text.replace(prelude, 'PRELUDE ')}\n  nixlet: ${show(ours)}\n  C++ Nix: ${show(theirs)}`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

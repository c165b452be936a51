/** The thread of synchronous.ts: does one job, writes its answer, and wakes who waits. */
import { writeSync } from 'node:fs';
import { type MessagePort, workerData } from 'node:worker_threads';
import { NixError } from '../errors/nix-error.ts';
import { fetchIntoStore } from './fetch.ts';
import { carryOut } from './realisation.ts';
import { plainReporter } from './reporting.ts';
import type { Answer, Job } from './synchronous.ts';

const { job, signal, port } = workerData as { job: Job; signal: Int32Array; port: MessagePort };

async function run(): Promise<unknown> {
  // Standard error of a thread goes through the main one, which sleeps: write to the descriptor.
  const reporter = plainReporter((line) => void writeSync(2, `${line}\n`));
  if (job.kind === 'fetch') return fetchIntoStore(job.request, job.storeRoot, job.ttl, { settings: job.settings });
  await carryOut(job.request, reporter);
  return undefined;
}

function asAnswer(error: unknown): Answer {
  if (!(error instanceof NixError)) return { ok: false, stack: String((error as Error).stack ?? error) };
  return { ok: false, message: error.message, class: error.class, exitCode: error.exitCode, hint: error.hint };
}

let answer: Answer;
try {
  answer = { ok: true, value: await run() };
} catch (error) {
  answer = asAnswer(error);
}
port.postMessage(answer);
Atomics.store(signal, 0, 1);
Atomics.notify(signal, 0);

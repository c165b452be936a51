/**
 * The thread that nixlet evaluates cases in: with a large stack, as the commands have it for deep recursion, and apart from
 * the thread that watches whether it comes to an end. `progress[0]` tells the number of the case that it is at.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { tier } from '../../src/runtime/compiled/tier.ts';
import { Subject } from './subject.ts';

export interface WorkerSetup {
  readonly directory: string;
  readonly scratch: string;
  readonly progress: Int32Array<SharedArrayBuffer>;
}

export interface Batch {
  readonly texts: readonly string[];
  /** Evaluate and print; or for soup everything that can be done with a text. */
  readonly task: 'evaluate' | 'probe';
  /** Every function is compiled to JavaScript at its first call, as otherwise hot ones are. */
  readonly compiled: boolean;
}

const usualThreshold = tier.threshold;
const { directory, scratch, progress } = workerData as WorkerSetup;

parentPort!.on('message', ({ texts, task, compiled }: Batch) => {
  tier.threshold = compiled ? 0 : usualThreshold;
  const subject = new Subject(directory, scratch);
  const outcomes = texts.map((text, i) => {
    Atomics.store(progress, 0, i);
    return task === 'probe' ? subject.probe(text) : subject.evaluate(text);
  });
  subject.close();
  parentPort!.postMessage(outcomes);
});

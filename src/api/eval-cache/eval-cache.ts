/**
 * The evaluation cache: what a question to an evaluation was answered with, together with everything that the evaluation
 * observed and said. Asked again, the observations are made anew; if every one is as it was, the answer is given, and what
 * was said is said again, without parsing or evaluating anything. Else the question is evaluated.
 *
 * An entry is named by a hash of the question: nixlet's version, the command's part of it, settings, search path,
 * arguments. There is one entry per question, the newest.
 */
import { createHash } from 'node:crypto';
import type { Host } from '../../runtime/host.ts';
import type { DiskCache } from '../disk-cache.ts';
import { nixletVersion } from '../version.ts';
import { type Observation, observe, type Question } from './observation.ts';
import type { RecordingHost } from './recording-host.ts';

/** To be raised when answers or observations change their form or meaning. */
const format = 1;

export interface Remembered {
  readonly answer: unknown;
  readonly messages: readonly string[];
}

interface Entry extends Remembered {
  readonly observations: readonly Observation[];
}

export class EvalCache {
  private readonly disk: DiskCache;
  private readonly host: Host;

  /** `host` answers observations; it must not remember files from before. */
  constructor(disk: DiskCache, host: Host) {
    this.disk = disk;
    this.host = host;
  }

  key(question: unknown): string {
    return createHash('sha256')
      .update(JSON.stringify([nixletVersion, format, question]))
      .digest('hex');
  }

  /** The remembered answer, where everything that it depends on is as it was. */
  get(key: string): Remembered | undefined {
    const entry = this.read(key);
    if (!entry) return undefined;
    for (const observation of entry.observations) {
      const question = observation.slice(0, -1) as unknown as Question;
      if (observe(this.host, question) !== observation.at(-1)) return undefined;
    }
    return entry;
  }

  put(key: string, recorder: RecordingHost, remembered: Remembered): void {
    const observations = recorder.observations;
    if (!observations) return;
    const entry: Entry = { ...remembered, observations };
    const text = JSON.stringify(entry);
    this.disk.put(key, Buffer.from(`${digest(text)}\n${text}`));
  }

  private read(key: string): Entry | undefined {
    const bytes = this.disk.get(key);
    if (!bytes) return undefined;
    const text = Buffer.from(bytes).toString();
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    return text.slice(0, end) === digest(body) ? (JSON.parse(body) as Entry) : undefined;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

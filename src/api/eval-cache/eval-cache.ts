/**
 * The evaluation cache: what a question to an evaluation was answered with, together with everything that the evaluation
 * observed and said. Asked again, the observations are made anew; if every one is as it was, the answer is given, and what
 * was said is said again, without parsing or evaluating anything. Else the question is evaluated.
 *
 * An entry is named by a hash of the question (nixlet's version, the command's part of it, settings, search path,
 * arguments), and says which one it answers. There is one entry per question, the newest.
 */
import type { Host } from '../../runtime/host.ts';
import type { DiskCache } from '../disk-cache.ts';
import { nixletVersion } from '../version.ts';
import { type Observation, observe, type Question } from './observation.ts';
import type { RecordingHost } from './recording-host.ts';
import { checksum, identify, simpleHash } from './short-texts.ts';

/** To be raised when answers or observations change their form or meaning. */
const format = 2;

export interface Remembered {
  readonly answer: unknown;
  readonly messages: readonly string[];
}

interface Entry extends Remembered {
  readonly question: string;
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

  /** What `get` and `put` know a question by. It is kept as it is where it is short and not `confidential`. */
  question(question: unknown, { confidential }: { confidential: boolean }): string {
    return identify(JSON.stringify([nixletVersion, format, question]), confidential);
  }

  /** The remembered answer, where everything that it depends on is as it was. */
  get(question: string): Remembered | undefined {
    const entry = this.read(simpleHash(question));
    if (entry?.question !== question) return undefined;
    for (const observation of entry.observations) {
      const asked = observation.slice(0, -1) as unknown as Question;
      if (observe(this.host, asked) !== observation.at(-1)) return undefined;
    }
    return entry;
  }

  put(question: string, recorder: RecordingHost, remembered: Remembered): void {
    const observations = recorder.observations;
    if (!observations) return;
    const entry: Entry = { question, ...remembered, observations };
    const text = JSON.stringify(entry);
    this.disk.put(simpleHash(question), Buffer.from(`${checksum(text)}\n${text}`));
  }

  private read(key: string): Entry | undefined {
    const bytes = this.disk.get(key);
    if (!bytes) return undefined;
    const text = Buffer.from(bytes).toString();
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    return text.slice(0, end) === checksum(body) ? (JSON.parse(body) as Entry) : undefined;
  }
}

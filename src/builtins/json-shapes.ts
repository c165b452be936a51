/**
 * Objects of a JSON text mostly have the same keys in the same order as others before them. What keys have followed each
 * other is kept as a tree: the sets of objects whose keys go the same way through it share a shape, and the key that came
 * next the last time is the first to be compared with the text.
 */
import { Shape } from '../runtime/shape.ts';

/** Sets with more members than this are seldom alike. */
const MAX_KEYS = 32;
/** Objects with many different keys are maps, which are not alike either. */
const MAX_CHOICES = 256;

export class KeyStep {
  readonly key: string;
  /** The key that followed the last time; stands in a text as it is, if it is there. */
  last: KeyStep | undefined = undefined;
  private readonly before: KeyStep | undefined;
  private readonly count: number;
  private readonly next = new Map<string, KeyStep>();
  private known: Shape | null | undefined = undefined;

  constructor(key: string, before: KeyStep | undefined) {
    this.key = key;
    this.before = before;
    this.count = before === undefined ? 0 : before.count + 1;
  }

  /** Where a key leads; undefined where these objects are not worth remembering. */
  follow(key: string): KeyStep | undefined {
    let step = this.next.get(key);
    if (step === undefined) {
      if (this.count >= MAX_KEYS || this.next.size >= MAX_CHOICES) return undefined;
      step = new KeyStep(key, this);
      this.next.set(key, step);
    }
    if (isPlain(key)) this.last = step;
    return step;
  }

  /** The shape of sets with the keys up to here; undefined where a key comes twice. */
  shape(): Shape | undefined {
    if (this.known === undefined) {
      const names: string[] = [];
      for (let step: KeyStep = this; step.before !== undefined; step = step.before) names.push(step.key);
      this.known = new Set(names).size === names.length ? Shape.of(names.reverse()) : null;
    }
    return this.known ?? undefined;
  }
}

function isPlain(key: string): boolean {
  return !/["\\\x00-\x1f]/.test(key);
}

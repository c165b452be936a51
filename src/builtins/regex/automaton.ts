/**
 * The exact matcher, for the patterns that JavaScript's own RegExp would match differently (see translate.ts).
 *
 * It explores like libstdc++'s depth-first executor: a repetition first tries once more, and leaves only if that led to no
 * match at all; of a choice every option is tried, and the longest match wins, the first of equally long ones. Group
 * contents of an earlier iteration stay. A repetition whose body may be empty is entered at most twice at one place.
 *
 * No recursion, so long subjects are fine: what to do on the way back lies on a stack of its own. And no exponential time:
 * a (state, place) that has been explored once can never give a better match than it did, so that only "did it lead to a
 * match" is remembered. Where bodies may be empty, how often their repetitions have been entered at this place belongs to
 * the state, too.
 */
import { type ByteSet, hasByte, type ParsedRegex, type RegexNode } from './syntax.ts';
import { canBeEmpty } from './translate.ts';

type State =
  | { readonly op: 'bytes'; readonly set: ByteSet; next: number }
  | { readonly op: 'start' | 'end'; next: number }
  | { readonly op: 'open' | 'close'; readonly group: number; next: number }
  /** `more` is one more iteration, `next` leaves. `index` numbers repetitions and choices together, `emptyLoop` the
   * repetitions whose body may match nothing (-1 for others). */
  | { readonly op: 'repeat'; more: number; next: number; readonly index: number; readonly emptyLoop: number }
  | { readonly op: 'choice'; readonly first: number; readonly next: number; readonly index: number }
  | { readonly op: 'accept' };

export interface Automaton {
  readonly states: readonly State[];
  readonly start: number;
  readonly groups: number;
  /** Number of repetitions and choices. */
  readonly branches: number;
  /** Number of repetitions whose body may match nothing. */
  readonly emptyLoops: number;
}

/** Ends of the match and of the groups: [start, end, start1, end1, ...]; -1 where a group took no part. */
export type Captures = Int32Array;

export function buildAutomaton(regex: ParsedRegex): Automaton {
  const states: State[] = [{ op: 'accept' }];
  let branches = 0;
  let emptyLoops = 0;
  const add = (state: State): number => states.push(state) - 1;

  /** States for `node`, going on to `next`; gives the first one. */
  function build(node: RegexNode, next: number): number {
    switch (node.kind) {
      case 'empty':
        return next;
      case 'bytes':
        return add({ op: 'bytes', set: node.set, next });
      case 'start':
      case 'end':
        return add({ op: node.kind, next });
      case 'sequence':
        return node.items.reduceRight((after, item) => build(item, after), next);
      case 'choice':
        return node.options
          .map((option) => build(option, next))
          .reduce((first, second) => add({ op: 'choice', first, next: second, index: branches++ }));
      case 'group': {
        const close = add({ op: 'close', group: node.index, next });
        return add({ op: 'open', group: node.index, next: build(node.body, close) });
      }
      case 'repeat':
        return buildRepeat(node.body, node.min, node.max, next);
    }
  }

  function buildRepeat(body: RegexNode, min: number, max: number, next: number): number {
    let entry = next;
    const number = () => (canBeEmpty(body) ? emptyLoops++ : -1);
    if (max === Infinity) {
      const loop: State = { op: 'repeat', more: 0, next, index: branches++, emptyLoop: number() };
      entry = add(loop);
      loop.more = build(body, entry);
    } else {
      for (let i = min; i < max; i++) {
        const once: State = { op: 'repeat', more: 0, next, index: branches++, emptyLoop: number() };
        const at = add(once);
        once.more = build(body, entry);
        entry = at;
      }
    }
    for (let i = 0; i < min; i++) entry = build(body, entry);
    return entry;
  }

  const start = build(regex.root, 0);
  return { states, start, groups: regex.groups, branches, emptyLoops };
}

export interface MatchOptions {
  /** The match has to end where the subject does. */
  readonly whole: boolean;
  /** '^' does not match at `from`. */
  readonly startIsNotStart?: boolean;
  readonly notEmpty?: boolean;
}

/** What lies on the stack: four numbers each, the kind first. */
const task = { restoreOpen: 0, restoreClose: 1, leave: 2, option: 3, merge: 4, restoreCount: 5 } as const;
const rememberLimit = 1 << 22;
/** With more of them cells would not be exact integers. */
const maxNumberedLoops = 12;

/** A branch at a place; a text only where a number would not do. */
type Cell = number | string;

interface Memory {
  get(cell: Cell): number | undefined;
  set(cell: Cell, result: number): void;
}

class ArrayMemory implements Memory {
  private readonly cells: Uint32Array;
  constructor(size: number) {
    this.cells = new Uint32Array(size);
  }
  get(cell: Cell): number {
    return this.cells[cell as number]!;
  }
  set(cell: Cell, result: number): void {
    this.cells[cell as number] = result;
  }
}

/** Forgets everything rather than to grow without bound. */
class MapMemory implements Memory {
  private readonly cells = new Map<Cell, number>();
  get(cell: Cell): number | undefined {
    return this.cells.get(cell);
  }
  set(cell: Cell, result: number): void {
    if (this.cells.size >= rememberLimit) this.cells.clear();
    this.cells.set(cell, result);
  }
}

/** One exploration of a subject; `explore` may be called for several starts, in ascending order. */
export class Explorer {
  private readonly automaton: Automaton;
  private readonly subject: string;
  /** By cell: 1 led to no match in this or an earlier exploration, `generation` led to one in this. */
  private readonly seen: Memory;
  private generation = 1;
  private readonly loopPlace: Int32Array;
  private readonly loopCount: Int32Array;

  constructor(automaton: Automaton, subject: string) {
    this.automaton = automaton;
    this.subject = subject;
    const cells = automaton.branches * (subject.length + 1);
    this.seen = automaton.emptyLoops === 0 && cells <= rememberLimit ? new ArrayMemory(cells) : new MapMemory();
    this.loopPlace = new Int32Array(automaton.emptyLoops).fill(-1);
    this.loopCount = new Int32Array(automaton.emptyLoops);
  }

  /** The number under which it is remembered what a branch led to at a place. */
  private cell(index: number, place: number): Cell {
    const plain = index * (this.subject.length + 1) + place;
    const loops = this.loopPlace.length;
    if (loops === 0) return plain;
    let counts = 0;
    let more = '';
    for (let loop = 0; loop < loops; loop++) {
      const count = this.loopPlace[loop] === place ? this.loopCount[loop]! : 0;
      if (loop < maxNumberedLoops) counts = counts * 3 + count;
      else more += count;
    }
    const cell = plain * 3 ** maxNumberedLoops + counts;
    return more === '' ? cell : `${cell} ${more}`;
  }

  explore(from: number, options: MatchOptions): Captures | undefined {
    const { states } = this.automaton;
    const subject = this.subject;
    const end = subject.length;
    const generation = ++this.generation;
    const groups: Captures = new Int32Array(2 * (this.automaton.groups + 1)).fill(-1);
    /** Starts of groups that are still open: they show only once the group closes. */
    const opened = new Int32Array(this.automaton.groups + 1).fill(-1);
    let best: Captures | undefined;
    let found = false;
    const stack: number[] = [];
    const cells: Cell[] = [];
    let state = this.automaton.start;
    let place = from;

    for (;;) {
      // Forwards, until a dead end or acceptance.
      forwards: for (;;) {
        const s = states[state]!;
        switch (s.op) {
          case 'accept':
            found = (!options.whole || place === end) && !(options.notEmpty && place === from);
            if (found && (!best || place > best[1]!)) {
              best = groups.slice();
              best[0] = from;
              best[1] = place;
              if (options.whole) return best;
            }
            break forwards;
          case 'bytes':
            if (place >= end || !hasByte(s.set, subject.charCodeAt(place))) {
              found = false;
              break forwards;
            }
            place++;
            state = s.next;
            break;
          case 'start':
            if (place !== from || options.startIsNotStart) {
              found = false;
              break forwards;
            }
            state = s.next;
            break;
          case 'end':
            if (place !== end) {
              found = false;
              break forwards;
            }
            state = s.next;
            break;
          case 'open':
            stack.push(task.restoreOpen, s.group, opened[s.group]!, 0);
            opened[s.group] = place;
            state = s.next;
            break;
          case 'close': {
            const slot = 2 * s.group;
            stack.push(task.restoreClose, s.group, groups[slot]!, groups[slot + 1]!);
            groups[slot] = opened[s.group]!;
            groups[slot + 1] = place;
            state = s.next;
            break;
          }
          case 'choice': {
            const cell = this.cell(s.index, place);
            const known = this.seen.get(cell);
            if (known === 1 || known === generation) {
              found = known !== 1;
              break forwards;
            }
            stack.push(task.option, state, place, 0);
            cells.push(cell);
            state = s.first;
            break;
          }
          case 'repeat': {
            const cell = this.cell(s.index, place);
            const known = this.seen.get(cell);
            if (known === 1 || known === generation) {
              found = known !== 1;
              break forwards;
            }
            stack.push(task.leave, state, place, 0);
            cells.push(cell);
            if (s.emptyLoop < 0) state = s.more;
            else if (this.loopPlace[s.emptyLoop] !== place || this.loopCount[s.emptyLoop] === 0) {
              stack.push(task.restoreCount, s.emptyLoop, this.loopPlace[s.emptyLoop]!, this.loopCount[s.emptyLoop]!);
              this.loopPlace[s.emptyLoop] = place;
              this.loopCount[s.emptyLoop] = 1;
              state = s.more;
            } else if (this.loopCount[s.emptyLoop]! < 2) {
              stack.push(task.restoreCount, s.emptyLoop, place, this.loopCount[s.emptyLoop]!);
              this.loopCount[s.emptyLoop]!++;
              state = s.more;
            } else {
              found = false;
              break forwards;
            }
            break;
          }
        }
      }
      // Backwards, until there is something left to try.
      backwards: for (;;) {
        if (stack.length === 0) return best;
        const d = stack.pop()!;
        const c = stack.pop()!;
        const b = stack.pop()!;
        switch (stack.pop()!) {
          case task.restoreOpen:
            opened[b] = c;
            break;
          case task.restoreClose:
            groups[2 * b] = c;
            groups[2 * b + 1] = d;
            break;
          case task.restoreCount:
            this.loopPlace[b] = c;
            this.loopCount[b] = d;
            break;
          case task.leave:
            // One more iteration has been tried. If it led to a match, that is that; else go on behind the repetition.
            if (found) {
              this.seen.set(cells.pop()!, generation);
              break;
            }
            stack.push(task.merge, 0, 0, 0);
            state = (states[b] as { next: number }).next;
            place = c;
            break backwards;
          case task.option:
            stack.push(task.merge, found ? 1 : 0, 0, 0);
            state = (states[b] as { next: number }).next;
            place = c;
            break backwards;
          case task.merge:
            found = found || b === 1;
            this.seen.set(cells.pop()!, found ? generation : 1);
            break;
        }
      }
    }
  }
}

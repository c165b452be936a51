/**
 * `nixlet eval --profile FILE`: where an evaluation spends its time, told in Nix's own terms. The frames are calls of
 * functions written in Nix (by the name they are bound to, with file and line), calls of builtins, and files; a value that
 * is forced counts for whoever forces it, because that is when the time goes by.
 *
 * V8's profiler would see the machine's loop and nothing else, so the evaluator itself tells of each call. Their stack is
 * sampled: at the first call or return that comes INTERVAL after the last sample, the time since then goes to the
 * stack as it was. Only then does a frame get a name and a place in the tree, so calls between two samples stay cheap.
 *
 * The file is V8's .cpuprofile (inspector protocol, Profiler.Profile), which Chrome's developer tools, VS Code and
 * speedscope read: nodes that name their children, and the node of each sample with the microseconds before it.
 */
import { writeFileSync } from 'node:fs';
import { LambdaInfo } from '../code/lambda.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, resolvePosition } from '../errors/position.ts';
import { Attrs } from '../runtime/attrs.ts';
import type { Builtin, BuiltinFunction } from '../runtime/builtin.ts';
import type { CallObserver } from '../runtime/stack.ts';
import { force } from '../runtime/thunk.ts';
import { isNixString, type Slot, stringText } from '../runtime/value.ts';

/** Milliseconds. */
const INTERVAL = 0.1;

/** As in V8: `lineNumber` and `columnNumber` count from 0, -1 where there is no position. */
interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  hitCount: number;
  readonly children: number[];
}

/** Times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A place in the tree of calls. */
class Call {
  readonly node: ProfileNode;
  private readonly inner = new Map<object | string, Call>();
  constructor(node: ProfileNode) {
    this.node = node;
  }
  callOf(frame: object | string, make: () => ProfileNode): Call {
    let call = this.inner.get(frame);
    if (call === undefined) {
      call = new Call(make());
      this.inner.set(frame, call);
      this.node.children.push(call.node.id);
    }
    return call;
  }
}

/** derivationStrict, of the derivation of that name. */
class MakingDerivation {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Writes the file, also after an evaluation that has failed. */
export function writeProfile(profile: CallProfile, file: string): void {
  writeFileSync(file, JSON.stringify(profile.finish()));
}

export class CallProfile implements CallObserver {
  private readonly now: () => number;
  private readonly frames: (object | string)[] = [];
  /** The places of the outermost frames, as far as they are known; the root first. */
  private readonly calls: Call[];
  private known = 1;
  private readonly nodes: ProfileNode[] = [];
  private readonly scripts = new Map<string, string>();
  private readonly derivations = new Map<string, MakingDerivation>();
  private readonly samples: number[] = [];
  private readonly timeDeltas: number[] = [];
  private readonly start: number;
  private last: number;

  /** `now` gives milliseconds since some time. */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.calls = [new Call(this.makeNode('(root)'))];
    this.start = now();
    this.last = this.start;
  }

  enter(frame: object | string): void {
    this.tick();
    this.frames.push(frame);
  }

  leave(): void {
    this.tick();
    const depth = this.frames.length;
    this.frames.length = depth - 1;
    if (this.known > depth) this.known = depth;
  }

  /** The same builtins, each call of which is told to this profile. */
  observe(builtins: readonly Builtin[]): Builtin[] {
    return builtins.map((builtin) => (builtin.args.length === 0 ? builtin : this.observed(builtin)));
  }

  private observed(builtin: Builtin): Builtin {
    const { run } = builtin;
    const isDerivation = builtin.name === 'derivationStrict';
    const observedRun: BuiltinFunction = (ctx, pos, a, b, c) => {
      this.enter(isDerivation ? this.derivation(builtin, a) : builtin);
      try {
        return run(ctx, pos, a, b, c);
      } finally {
        this.leave();
      }
    };
    return { ...builtin, run: observedRun };
  }

  /** Asks for the name first of all, as derivationStrict does; what is wrong with it comes up there. */
  private derivation(builtin: Builtin, argument: Slot): object {
    try {
      const set = force(argument);
      const slot = set instanceof Attrs ? set.get('name') : undefined;
      const value = slot === undefined ? null : force(slot);
      if (!isNixString(value)) return builtin;
      const name = stringText(value);
      let frame = this.derivations.get(name);
      if (frame === undefined) this.derivations.set(name, (frame = new MakingDerivation(name)));
      return frame;
    } catch (error) {
      if (error instanceof NixError) return builtin;
      throw error;
    }
  }

  private tick(): void {
    const time = this.now();
    if (time - this.last >= INTERVAL) this.sample(time);
  }

  /** The time since the last sample was spent in the frames as they are. */
  private sample(time: number): void {
    const { frames, calls } = this;
    for (let i = this.known; i <= frames.length; i++) {
      const frame = frames[i - 1]!;
      calls[i] = calls[i - 1]!.callOf(frame, () => this.nodeOf(frame));
    }
    this.known = frames.length + 1;
    const { node } = calls[frames.length]!;
    node.hitCount++;
    this.samples.push(node.id);
    this.timeDeltas.push(Math.round((time - this.last) * 1000));
    this.last = time;
  }

  private nodeOf(frame: object | string): ProfileNode {
    if (typeof frame === 'string') return this.makeNode(`file ${frame.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '')}`, frame);
    if (frame instanceof MakingDerivation) return this.makeNode(`derivation ${frame.name}`);
    if (!(frame instanceof LambdaInfo)) return this.makeNode(`builtins.${(frame as Builtin).name}`);
    const name = frame.name ?? `(${frame.arg ?? '{ ... }'}: ...)`;
    const position = frame.pos === NO_POS ? undefined : resolvePosition(frame.pos);
    if (position === undefined) return this.makeNode(name);
    const { source, offset } = position;
    const { line, column } = source.lineColumn(offset);
    return this.makeNode(name, source.label, line - 1, column - 1);
  }

  private makeNode(functionName: string, url = '', lineNumber = -1, columnNumber = -1): ProfileNode {
    let scriptId = this.scripts.get(url);
    if (scriptId === undefined) this.scripts.set(url, (scriptId = String(this.scripts.size)));
    const callFrame = { functionName, scriptId, url, lineNumber, columnNumber };
    const node = { id: this.nodes.length + 1, callFrame, hitCount: 0, children: [] };
    this.nodes.push(node);
    return node;
  }

  /** Everything up to now. A sample's stack lasts until the next one, in this format: times move up by one. */
  finish(): CpuProfile {
    this.sample(this.now());
    const micro = (time: number) => Math.round((time - this.start) * 1000);
    return {
      nodes: this.nodes,
      startTime: 0,
      endTime: micro(this.last),
      samples: this.samples,
      timeDeltas: [0, ...this.timeDeltas.slice(0, -1)],
    };
  }
}

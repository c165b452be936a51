/**
 * Code while it is being written: parts are emitted before the instruction that names them, so every offset is known when
 * it is needed, save for bindings that are used before they are compiled (Binding.uses). Equal texts share one entry, and
 * constants without a position of their own one instruction.
 */
import { LAZY } from '../code/opcodes.ts';
import { MOST_BYTES, writePosition } from '../code/positions.ts';
import { SideTables, Unit } from '../code/unit.ts';
import type { Source } from '../errors/source.ts';
import type { Binding } from '../syntax/scope.ts';

/** What is being written. One compilation runs at a time, so all share the room, which is copied at the end. */
let code = new Int32Array(1 << 14);
/** The table of positions as a unit keeps it (code/positions.ts). */
let positions = new Uint8Array(1 << 13);

export class Emitter {
  private length = 0;
  private positionsLength = 0;
  /** Code and source offset of the last position. */
  private lastOffset = 0;
  private lastPos = 0;
  private readonly texts: string[] = [];
  private readonly textIndex = new Map<string, number>();
  private readonly numbers: (number | bigint)[] = [];
  private readonly shared = new Map<number, Map<number, number>>();
  private readonly docs: number[] = [];
  private memos = 0;

  get offset(): number {
    return this.length;
  }

  /** Writes an instruction whose position is the source offset `pos` (undefined: none); operands follow. */
  emit(pos: number | undefined, opcode: number): number {
    const offset = this.length;
    if (offset + ROOM > code.length) growCode();
    if (pos !== undefined) this.position(offset, pos);
    code[offset] = opcode;
    this.length = offset + 1;
    return offset;
  }

  emit1(pos: number | undefined, opcode: number, a: number): number {
    const offset = this.emit(pos, opcode);
    code[offset + 1] = a;
    this.length = offset + 2;
    return offset;
  }

  emit2(pos: number | undefined, opcode: number, a: number, b: number): number {
    const offset = this.emit(pos, opcode);
    code[offset + 1] = a;
    code[offset + 2] = b;
    this.length = offset + 3;
    return offset;
  }

  emit3(pos: number | undefined, opcode: number, a: number, b: number, c: number): number {
    const offset = this.emit(pos, opcode);
    code[offset + 1] = a;
    code[offset + 2] = b;
    code[offset + 3] = c;
    this.length = offset + 4;
    return offset;
  }

  /** Appends an operand to the instruction just written; `pos` if it has a position of its own. */
  operand(value: number, pos?: number): void {
    const offset = this.length;
    if (offset + ROOM > code.length) growCode();
    if (pos !== undefined) this.position(offset, pos);
    code[offset] = value;
    this.length = offset + 1;
  }

  operands(values: readonly number[]): void {
    for (let i = 0; i < values.length; i++) this.operand(values[i]!);
  }

  private position(offset: number, pos: number): void {
    if (this.positionsLength + MOST_BYTES > positions.length) growPositions();
    this.positionsLength = writePosition(positions, this.positionsLength, offset - this.lastOffset, pos - this.lastPos);
    this.lastOffset = offset;
    this.lastPos = pos;
  }

  /** A constant without position: written once. */
  constant(opcode: number, operand?: number): number {
    let offsets = this.shared.get(opcode);
    if (!offsets) this.shared.set(opcode, (offsets = new Map()));
    const key = operand ?? 0;
    let offset = offsets.get(key);
    if (offset === undefined) {
      offset = operand === undefined ? this.emit(undefined, opcode) : this.emit1(undefined, opcode, operand);
      offsets.set(key, offset);
    }
    return offset;
  }

  /** The slot of the lazy variable of the scope that it is in, if it is nothing else. */
  aliasedSlot(offset: number): number | undefined {
    return code[offset] === LAZY && code[offset + 1] === 0 ? code[offset + 2]! : undefined;
  }

  /** The opcode at an offset. */
  opcodeAt(offset: number): number {
    return code[offset]!;
  }

  /** Equal texts share one entry, save for long ones: to find out costs more than that saves. */
  text(value: string): number {
    if (value.length > LONG) return this.texts.push(value) - 1;
    let index = this.textIndex.get(value);
    if (index === undefined) {
      index = this.texts.push(value) - 1;
      this.textIndex.set(value, index);
    }
    return index;
  }

  /** For what hardly ever stands twice. */
  newText(value: string): number {
    return this.texts.push(value) - 1;
  }

  number(value: number | bigint): number {
    return this.numbers.push(value) - 1;
  }

  /** Takes so many memo cells; gives the first. */
  memo(cells = 1): number {
    this.memos += cells;
    return this.memos - cells;
  }

  /** Keeps a lambda's doc comment. */
  document(offset: number, comment: string): void {
    this.docs.push(offset, this.text(comment));
  }

  /** Says where a binding's code is, and fills it in where it was used before. */
  bind(binding: Binding, at: number): void {
    binding.code = at;
    if (binding.uses === undefined) return;
    for (const use of binding.uses) code[use] = at;
  }

  /** Writes a use of a lazy binding as the next operand. */
  use(binding: Binding): void {
    if (binding.code < 0) {
      if (binding.uses === undefined) binding.uses = [this.length];
      else binding.uses.push(this.length);
    }
    this.operand(binding.code);
  }

  finish(entry: number, source: () => Source): Unit {
    const packed = {
      packedPositions: positions.slice(0, this.positionsLength),
      docs: Int32Array.from(this.docs),
    };
    return new Unit({
      code: code.slice(0, this.length),
      entry,
      texts: this.texts,
      numbers: this.numbers,
      memos: this.memos,
      side: new SideTables(() => packed),
      source,
    });
  }
}

const LONG = 64;
/** The longest instruction before its operands that come one by one. */
const ROOM = 8;

function growCode(): void {
  const old = code;
  code = new Int32Array(2 * old.length);
  code.set(old);
}

function growPositions(): void {
  const old = positions;
  positions = new Uint8Array(2 * old.length);
  positions.set(old);
}

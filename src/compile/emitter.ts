/**
 * Code while it is being written: parts are emitted before the instruction that names them, so every offset is known when
 * it is needed, save for bindings that are used before they are compiled (Binding.uses). Equal texts share one entry, and
 * constants without a position of their own one instruction.
 */
import { LAZY } from '../code/opcodes.ts';
import { Unit } from '../code/unit.ts';
import type { Source } from '../errors/source.ts';
import type { Binding } from '../syntax/scope.ts';

export class Emitter {
  private readonly code: number[] = [];
  private readonly texts: string[] = [];
  private readonly textIndex = new Map<string, number>();
  private readonly numbers: (number | bigint)[] = [];
  private readonly positions: number[] = [];
  private readonly shared = new Map<number, Map<number, number>>();
  private readonly docs: number[] = [];
  private memos = 0;

  get offset(): number {
    return this.code.length;
  }

  /** Writes an instruction whose position is the source offset `pos` (undefined: none). */
  emit(pos: number | undefined, opcode: number, ...operands: number[]): number {
    const offset = this.code.length;
    if (pos !== undefined) this.positions.push(offset, pos);
    this.code.push(opcode);
    for (const operand of operands) this.code.push(operand);
    return offset;
  }

  /** Appends an operand to the instruction just written; `pos` if it has a position of its own. */
  operand(value: number, pos?: number): void {
    if (pos !== undefined) this.positions.push(this.code.length, pos);
    this.code.push(value);
  }

  /** A constant without position: written once. */
  constant(opcode: number, operand?: number): number {
    let offsets = this.shared.get(opcode);
    if (!offsets) this.shared.set(opcode, (offsets = new Map()));
    const key = operand ?? 0;
    let offset = offsets.get(key);
    if (offset === undefined) {
      offset = operand === undefined ? this.emit(undefined, opcode) : this.emit(undefined, opcode, operand);
      offsets.set(key, offset);
    }
    return offset;
  }

  /** The slot of the lazy variable of the scope that it is in, if it is nothing else. */
  aliasedSlot(offset: number): number | undefined {
    return this.code[offset] === LAZY && this.code[offset + 1] === 0 ? this.code[offset + 2]! : undefined;
  }

  /** The opcode at an offset. */
  opcodeAt(offset: number): number {
    return this.code[offset]!;
  }

  text(value: string): number {
    let index = this.textIndex.get(value);
    if (index === undefined) {
      index = this.texts.push(value) - 1;
      this.textIndex.set(value, index);
    }
    return index;
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
  bind(binding: Binding, code: number): void {
    binding.code = code;
    for (const use of binding.uses) this.code[use] = code;
  }

  /** Writes a use of a lazy binding as the next operand. */
  use(binding: Binding): void {
    if (binding.code < 0) binding.uses.push(this.code.length);
    this.code.push(binding.code);
  }

  finish(entry: number, source: () => Source): Unit {
    const tables = { positions: Int32Array.from(this.positions), docs: Int32Array.from(this.docs) };
    return new Unit({
      code: Int32Array.from(this.code),
      entry,
      texts: this.texts,
      numbers: this.numbers,
      memos: this.memos,
      side: () => tables,
      source,
    });
  }
}

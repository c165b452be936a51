/**
 * Points paths that are compiled into a program at the store. A store path is longer than what it replaces, so the new
 * string goes into the segment that rewrite-elf.ts adds, and the code that refers to the old one is changed: on x86-64
 * position-independent code takes the address of a string by one instruction,
 *
 *   lea reg, [rip + displacement]     REX.W 8D ModRM(mod 00, rm 101) disp32
 *
 * and pointers in data have a relative relocation. Where the length is passed along (`mov register, LENGTH` next to the
 * lea: memcpy, std::string, perl's incpush, nginx' ngx_str_set) it is changed as well. Code that uses a string in another way keeps the
 * old one, so which paths to change is decided package by package, by trying. Without it node does not even start (it
 * reads /usr/share/nodejs), perl finds no modules, git no subcommands.
 */
import { type ElfFile, fileOffset, PF, PT, readAddress, SHF, SHT, writeAddress } from './elf-file.ts';

export interface CompiledPathEdit {
  /** New strings; at most one for each old one. */
  readonly strings: readonly string[];
  /** Changes the code; to be called with the addresses of the new strings. */
  place(bytes: Buffer, addresses: readonly number[]): void;
  /** Old strings that nothing refers to in a known way, so that they stay in use or never were. */
  readonly unreferenced: readonly string[];
}

const X86_64 = 62;
const RELATIVE = 8; // R_X86_64_RELATIVE
const RELOCATION_SIZE = 24;

/** `replacements`: start of a path as compiled in -> what to put there instead; longest start first. */
export function editCompiledPaths(
  elf: ElfFile,
  replacements: readonly (readonly [from: string, to: string])[],
): CompiledPathEdit | undefined {
  if (elf.machine !== X86_64 || replacements.length === 0) return undefined;
  const strings = findStrings(elf, replacements);
  if (strings.size === 0) return undefined;
  const references = [...codeReferences(elf, strings), ...dataReferences(elf, strings)];
  const used = [...new Set(references.map(({ string }) => string.replacement))];
  const referenced = new Set(references.map(({ string }) => string.text));
  return {
    strings: used,
    unreferenced: [...strings.values()].map(({ text }) => text).filter((text) => !referenced.has(text)),
    place(bytes, addresses) {
      for (const { string, change } of references) change(bytes, addresses[used.indexOf(string.replacement)]!);
    },
  };
}

interface CompiledString {
  readonly text: string;
  readonly replacement: string;
}

interface Reference {
  readonly string: CompiledString;
  change(bytes: Buffer, address: number): void;
}

/** By address. A string may be the end of another one (linkers merge tails), or a list of paths separated by ":". */
function findStrings(elf: ElfFile, replacements: readonly (readonly [string, string])[]): Map<number, CompiledString> {
  const found = new Map<number, CompiledString>();
  for (const section of elf.sections) {
    const readOnlyData = (section.flags & (SHF.ALLOC | SHF.WRITE | SHF.EXECUTE)) === SHF.ALLOC;
    if (section.type !== SHT.PROGBITS || !readOnlyData) continue;
    const data = elf.bytes.subarray(section.offset, section.offset + section.size);
    for (const [from] of replacements) {
      for (let at = data.indexOf(from, 0, 'latin1'); at >= 0; at = data.indexOf(from, at + 1, 'latin1')) {
        const inList = data[at - 1] === COLON;
        const start = inList ? data.lastIndexOf(0, at) + 1 : at;
        const end = data.indexOf(0, at);
        if (end < 0 || end - start > LONGEST || found.has(section.address + start)) continue;
        if (!from.startsWith('/') && start > 0 && data[start - 1] !== 0) continue;
        const text = data.toString('latin1', start, end);
        const replacement = replaceEach(text, replacements);
        if (plainPath.test(text) && replacement !== text) found.set(section.address + start, { text, replacement });
      }
    }
  }
  return found;
}

const COLON = 0x3a;
const LONGEST = 255;

/** Not a whole document that happens to mention paths. */
const plainPath = /^[\w./+@%~:-]+$/;

function replaceEach(list: string, replacements: readonly (readonly [string, string])[]): string {
  const replace = (path: string) => {
    const found = replacements.find(([from]) => path === from || path.startsWith(`${from}/`));
    return found ? found[1] + path.slice(found[0].length) : path;
  };
  return list.split(':').map(replace).join(':');
}

function codeReferences(elf: ElfFile, strings: ReadonlyMap<number, CompiledString>): Reference[] {
  const references: Reference[] = [];
  for (const segment of elf.programHeaders) {
    if (segment.type !== PT.LOAD || (segment.flags & PF.EXECUTE) === 0) continue;
    const { bytes } = elf;
    const end = segment.offset + segment.fileSize - 6;
    for (let at = bytes.indexOf(0x8d, segment.offset); at >= 0 && at < end; at = bytes.indexOf(0x8d, at + 1)) {
      if ((bytes[at + 1]! & 0xc7) !== 0x05 || (bytes[at - 1]! & 0xfb) !== 0x48) continue;
      const next = at + 6 - segment.offset + segment.address; // rip is the next instruction's address
      const string = strings.get(next + bytes.readInt32LE(at + 2));
      if (!string) continue;
      const length = lengthOperand(bytes, at - 1, string.text.length);
      references.push({
        string,
        change(target, address) {
          target.writeInt32LE(address - next, at + 2);
          if (length !== undefined) target.writeInt32LE(string.replacement.length, length);
        },
      });
    }
  }
  return references;
}

const MOV = 0xb8; // mov r32, imm32 is B8 + register; the second eight registers have a prefix before it
const EDX = 2;
const CALL = 0xe8;
const LEA_SIZE = 7;
const WINDOW = 16;

/**
 * File offset of the operand of the `mov register, length` that belongs to a `lea`; undefined where there is none. It is
 * the instruction before or after (a string and its length in two registers), or, where the lea fills rsi, a near
 * one that fills edx: second and third argument of a function.
 */
function lengthOperand(bytes: Buffer, lea: number, length: number): number | undefined {
  const isMove = (at: number) => (bytes[at]! & 0xf8) === MOV && bytes.readInt32LE(at + 1) === length;
  if (isMove(lea - 5)) return lea - 4;
  const after = lea + LEA_SIZE + (bytes[lea + LEA_SIZE] === 0x41 ? 1 : 0);
  if (isMove(after)) return after + 1;
  if (bytes[lea] !== 0x48 || bytes[lea + 2] !== 0x35) return undefined;
  const isThird = (at: number) => bytes[at] === MOV + EDX && isMove(at);
  for (let at = lea - 5; at >= lea - WINDOW; at--) if (isThird(at)) return at + 1;
  for (let at = after; at < after + WINDOW && bytes[at] !== CALL; at++) if (isThird(at)) return at + 1;
  return undefined;
}

function dataReferences(elf: ElfFile, strings: ReadonlyMap<number, CompiledString>): Reference[] {
  const references: Reference[] = [];
  for (const section of elf.sections) {
    if (section.type !== SHT.RELA || (section.flags & SHF.ALLOC) === 0) continue;
    for (let at = section.offset; at + RELOCATION_SIZE <= section.offset + section.size; at += RELOCATION_SIZE) {
      if (elf.bytes.readUInt32LE(at + 8) !== RELATIVE) continue;
      const string = strings.get(readAddress(elf.bytes, at + 16));
      if (!string) continue;
      const place = fileOffset(elf.programHeaders, readAddress(elf.bytes, at));
      references.push({
        string,
        change(target, address) {
          writeAddress(target, at + 16, address);
          if (place !== undefined) writeAddress(target, place, address);
        },
      });
    }
  }
  return references;
}

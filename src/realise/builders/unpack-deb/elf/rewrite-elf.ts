/**
 * Gives an ELF file another interpreter and run path. Both are longer than what they replace, so they go into a segment
 * of their own at the end of the file, read-only, with a full copy of the dynamic strings (offsets into the old ones
 * stay right). A program header is needed for it:
 *
 *   the PT_NOTE slot   is reused. Every file of Debian has one, and losing it costs nothing: that of .note.gnu.property
 *                      is doubled by PT_GNU_PROPERTY, which is why it is preferred. Nothing moves.
 *   else the table     moves into the new segment, which then starts on a page of the file: at an unaligned place glibc
 *                      would find the table in the rounded-up end of the data segment, which it clears for .bss.
 *
 * The new segment's address is above all others and its header goes behind the last PT_LOAD (they must ascend).
 * DT_RUNPATH takes the slot of an old DT_RPATH or DT_RUNPATH, else a spare one; without any the dynamic section moves
 * into the segment too, writable then (the loader writes DT_DEBUG). Section headers follow, for readelf and strip.
 * Only pristine files: rewriting twice works, but grows the file twice.
 */
import {
  DT,
  DYNAMIC_ENTRY_SIZE,
  type DynamicEntry,
  EHDR,
  type ElfFile,
  PF,
  PROGRAM_HEADER_SIZE,
  type ProgramHeader,
  PT,
  readAddress,
  SECTION_HEADER_SIZE,
  SHT,
  writeAddress,
  writeProgramHeader,
} from './elf-file.ts';

export interface ElfChanges {
  /** Undefined leaves it. */
  readonly interpreter?: string;
  /** DT_RUNPATH, directories joined by ":"; undefined leaves it, '' takes it away. */
  readonly runPath?: string;
  /** Further strings for the new segment; `place` is then told the address of each. */
  readonly strings?: readonly string[];
  /** Called with the new bytes and an address for each of `strings`. */
  place?(bytes: Buffer, addresses: readonly number[]): void;
}

/** Page size that segments must respect, by e_machine: 4 KiB on x86-64, 64 KiB on the others. */
function pageSize(machine: number): number {
  return machine === 62 ? 0x1000 : 0x10000;
}

const alignTo = (value: number, alignment: number) => Math.ceil(value / alignment) * alignment;

/** The file with the changes; the same bytes where there is nothing to change. */
export function rewriteElf(elf: ElfFile, changes: ElfChanges): Buffer {
  const interpreter = changes.interpreter === elf.interpreter ? undefined : changes.interpreter;
  const runPath = changes.runPath === (elf.runPath ?? '') ? undefined : changes.runPath;
  const strings = changes.strings ?? [];
  if (interpreter === undefined && runPath === undefined && strings.length === 0) return elf.bytes;

  const segment = new Segment(elf, !elf.programHeaders.some((header) => header.type === PT.NOTE));
  const interpreterRange = interpreter === undefined ? undefined : segment.append(text(interpreter));
  const addresses = strings.map((string) => segment.append(text(string)).address);
  const edit = runPath === undefined ? undefined : editDynamic(elf, runPath, segment);

  const bytes = Buffer.concat([elf.bytes, segment.content()]);
  const moved = new Map<number, Range>(); // type of program header -> new place
  if (interpreterRange) moved.set(PT.INTERP, interpreterRange);
  if (edit?.movedTo) moved.set(PT.DYNAMIC, edit.movedTo);
  writeProgramHeaders(bytes, elf, segment, moved);
  if (edit) writeDynamic(bytes, edit.movedTo?.offset ?? elf.dynamicHeader.offset, edit.entries);
  updateSections(bytes, elf, { interpreter: interpreterRange, strings: edit?.strings, dynamic: edit?.movedTo });
  changes.place?.(bytes, addresses);
  return bytes;
}

interface Range {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'latin1');
}

/** The bytes that are added to the file; knows where they will be. */
class Segment {
  readonly tableMoves: boolean;
  readonly start: number;
  readonly address: number;
  readonly page: number;
  writable = false;
  private readonly parts: Buffer[] = [];
  private size = 0;

  constructor(elf: ElfFile, tableMoves: boolean) {
    this.tableMoves = tableMoves;
    this.page = pageSize(elf.machine);
    const end = elf.bytes.length;
    this.start = alignTo(end, tableMoves ? this.page : 8);
    const used = Math.max(...elf.programHeaders.map((header) => header.address + header.memorySize));
    this.address = alignTo(used, this.page) + (this.start % this.page);
    this.parts.push(Buffer.alloc(this.start - end));
    if (tableMoves) this.append(Buffer.alloc((elf.programHeaders.length + 1) * PROGRAM_HEADER_SIZE));
  }

  append(data: Buffer): Range {
    const range = { offset: this.start + this.size, address: this.address + this.size, size: data.length };
    const padding = alignTo(data.length, 8) - data.length;
    this.parts.push(data, Buffer.alloc(padding));
    this.size += data.length + padding;
    return range;
  }

  content(): Buffer {
    return Buffer.concat(this.parts);
  }

  header(): ProgramHeader {
    return {
      type: PT.LOAD,
      flags: this.writable ? PF.READ | PF.WRITE : PF.READ,
      offset: this.start,
      address: this.address,
      fileSize: this.size,
      memorySize: this.size,
      alignment: this.page,
    };
  }
}

interface DynamicEdit {
  readonly entries: readonly DynamicEntry[];
  readonly strings: Range | undefined;
  readonly movedTo: Range | undefined;
}

function editDynamic(elf: ElfFile, runPath: string, segment: Segment): DynamicEdit {
  const { offset, size } = elf.strings;
  // The empty string is at offset 0 of every string table; the loader takes an empty run path for none.
  const strings =
    runPath === ''
      ? undefined
      : segment.append(Buffer.concat([elf.bytes.subarray(offset, offset + size), text(runPath)]));
  const place = runPath === '' ? 0 : size;
  const entries: DynamicEntry[] = elf.dynamic.map(({ tag, value }) => {
    if (tag === DT.STRTAB && strings) return { tag, value: strings.address };
    if (tag === DT.STRSZ && strings) return { tag, value: strings.size };
    if (tag === DT.RPATH || tag === DT.RUNPATH) return { tag: DT.RUNPATH, value: place };
    return { tag, value };
  });
  if (entries.some(({ tag }) => tag === DT.RUNPATH)) return { entries, strings, movedTo: undefined };
  const end = entries.findIndex(({ tag }) => tag === DT.NULL);
  const used = end < 0 ? entries.length : end;
  const spare = end >= 0 && end + 1 < entries.length;
  entries.splice(used, spare ? 1 : 0, { tag: DT.RUNPATH, value: place });
  if (spare) return { entries, strings, movedTo: undefined };
  if (end < 0) entries.push({ tag: DT.NULL, value: 0 });
  segment.writable = true;
  return { entries, strings, movedTo: segment.append(Buffer.alloc(entries.length * DYNAMIC_ENTRY_SIZE)) };
}

function writeDynamic(bytes: Buffer, offset: number, entries: readonly DynamicEntry[]): void {
  entries.forEach(({ tag, value }, i) => {
    writeAddress(bytes, offset + i * DYNAMIC_ENTRY_SIZE, tag);
    writeAddress(bytes, offset + i * DYNAMIC_ENTRY_SIZE + 8, value);
  });
}

function writeProgramHeaders(bytes: Buffer, elf: ElfFile, segment: Segment, moved: ReadonlyMap<number, Range>): void {
  const headers = elf.programHeaders.map((header) => {
    const range = moved.get(header.type);
    if (!range) return header;
    return { ...header, offset: range.offset, address: range.address, fileSize: range.size, memorySize: range.size };
  });
  if (!segment.tableMoves) headers.splice(noteToReuse(headers), 1);
  const lastLoad = headers.findLastIndex((header) => header.type === PT.LOAD);
  headers.splice(lastLoad + 1, 0, segment.header());

  const table = segment.tableMoves ? segment.start : readAddress(bytes, EHDR.phoff);
  if (segment.tableMoves) {
    writeAddress(bytes, EHDR.phoff, table);
    bytes.writeUInt16LE(headers.length, EHDR.phnum);
  }
  headers.forEach((header, i) => {
    const self = segment.tableMoves && header.type === PT.PHDR;
    const size = headers.length * PROGRAM_HEADER_SIZE;
    const placed = self ? { offset: table, address: segment.address, fileSize: size, memorySize: size } : {};
    writeProgramHeader(bytes, table + i * PROGRAM_HEADER_SIZE, { ...header, ...placed });
  });
}

function noteToReuse(headers: readonly ProgramHeader[]): number {
  const property = headers.find((header) => header.type === PT.GNU_PROPERTY);
  const doubled = headers.findIndex((header) => header.type === PT.NOTE && header.offset === property?.offset);
  return doubled >= 0 ? doubled : headers.findLastIndex((header) => header.type === PT.NOTE);
}

interface SectionMoves {
  readonly interpreter: Range | undefined;
  readonly strings: Range | undefined;
  readonly dynamic: Range | undefined;
}

/** Sections are known by what the program headers said of them: names would need one more table. */
function updateSections(bytes: Buffer, elf: ElfFile, moves: SectionMoves): void {
  const oldInterpreter = elf.programHeaders.find((header) => header.type === PT.INTERP);
  const oldStrings = elf.dynamic.find(({ tag }) => tag === DT.STRTAB)?.value;
  const table = readAddress(bytes, EHDR.shoff);
  for (const section of elf.sections) {
    let range: Range | undefined;
    if (section.type === SHT.PROGBITS && section.offset === oldInterpreter?.offset) range = moves.interpreter;
    else if (section.type === SHT.STRTAB && section.address === oldStrings) range = moves.strings;
    else if (section.type === SHT.DYNAMIC) range = moves.dynamic;
    if (!range) continue;
    const at = table + section.index * SECTION_HEADER_SIZE;
    writeAddress(bytes, at + 16, range.address);
    writeAddress(bytes, at + 24, range.offset);
    writeAddress(bytes, at + 32, range.size);
  }
}

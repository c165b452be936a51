/**
 * Reads what the dynamic loader reads of an ELF file (64 bits, little endian): program headers, the dynamic section and
 * its strings; and the section headers, which only tools read. Offsets and addresses are numbers: real files stay far
 * below 2^53, and one that does not is left alone like any other file that does not make sense.
 * Source: System V ABI (gABI) chapters 4 and 5.
 */

export const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3, NOTE: 4, PHDR: 6, GNU_PROPERTY: 0x6474e553 } as const;
export const DT = { NULL: 0, NEEDED: 1, STRTAB: 5, STRSZ: 10, SONAME: 14, RPATH: 15, RUNPATH: 29 } as const;
export const SHT = { PROGBITS: 1, STRTAB: 3, RELA: 4, DYNAMIC: 6 } as const;
export const PF = { EXECUTE: 1, WRITE: 2, READ: 4 } as const;
export const SHF = { WRITE: 1, ALLOC: 2, EXECUTE: 4 } as const;

export const HEADER_SIZE = 64;
export const PROGRAM_HEADER_SIZE = 56;
export const SECTION_HEADER_SIZE = 64;
export const DYNAMIC_ENTRY_SIZE = 16;

/** Offsets of fields in the file header. */
export const EHDR = { type: 16, machine: 18, phoff: 32, shoff: 40, phentsize: 54, phnum: 56, shentsize: 58, shnum: 60 };

export interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

export interface SectionHeader {
  /** Index in the table. */
  readonly index: number;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

export interface DynamicEntry {
  readonly tag: number;
  readonly value: number;
}

export interface ElfFile {
  readonly bytes: Buffer;
  readonly machine: number;
  readonly programHeaders: readonly ProgramHeader[];
  readonly sections: readonly SectionHeader[];
  readonly dynamic: readonly DynamicEntry[];
  /** Program header of the dynamic section. */
  readonly dynamicHeader: ProgramHeader;
  /** File range of the dynamic strings. */
  readonly strings: { readonly offset: number; readonly size: number };
  readonly interpreter: string | undefined;
  /** Libraries by name, in the file's order. */
  readonly needed: readonly string[];
  /** DT_RUNPATH, else DT_RPATH. */
  readonly runPath: string | undefined;
}

export function isElf(bytes: Buffer): boolean {
  return bytes.length >= HEADER_SIZE && bytes.readUInt32BE(0) === 0x7f454c46;
}

/** A dynamically linked program or library; undefined for any other file (also a static or a damaged one). */
export function readElf(bytes: Buffer): ElfFile | undefined {
  const class64LittleEndian = isElf(bytes) && bytes[4] === 2 && bytes[5] === 1;
  if (!class64LittleEndian) return undefined;
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function readAddress(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 0x1_0000_0000;
}

export function writeAddress(bytes: Buffer, offset: number, value: number): void {
  bytes.writeUInt32LE(value % 0x1_0000_0000, offset);
  bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), offset + 4);
}

function read(bytes: Buffer): ElfFile | undefined {
  const type = bytes.readUInt16LE(EHDR.type);
  if (type !== 2 && type !== 3) return undefined; // neither program nor library
  if (bytes.readUInt16LE(EHDR.phentsize) !== PROGRAM_HEADER_SIZE) return undefined;
  const programHeaders = readProgramHeaders(bytes);
  const dynamicHeader = programHeaders.find((header) => header.type === PT.DYNAMIC);
  if (!dynamicHeader) return undefined;
  const dynamic = readDynamic(bytes, dynamicHeader);
  const value = (tag: number) => dynamic.find((entry) => entry.tag === tag)?.value;
  const stringsOffset = fileOffset(programHeaders, value(DT.STRTAB));
  const stringsSize = value(DT.STRSZ);
  if (stringsOffset === undefined || stringsSize === undefined || stringsOffset + stringsSize > bytes.length) {
    return undefined;
  }
  const strings = { offset: stringsOffset, size: stringsSize };
  const text = (offset: number | undefined) =>
    offset === undefined ? undefined : textAt(bytes, strings.offset + offset, strings.offset + strings.size);
  const interpreter = programHeaders.find((header) => header.type === PT.INTERP);
  const needed = dynamic.filter((entry) => entry.tag === DT.NEEDED).map((entry) => text(entry.value)!);
  // A static-pie program has a dynamic section too, and crashes when that is changed.
  if (!interpreter && needed.length === 0) return undefined;
  return {
    bytes,
    machine: bytes.readUInt16LE(EHDR.machine),
    programHeaders,
    sections: readSections(bytes),
    dynamic,
    dynamicHeader,
    strings,
    interpreter: interpreter && textAt(bytes, interpreter.offset, interpreter.offset + interpreter.fileSize),
    needed,
    runPath: text(value(DT.RUNPATH) ?? value(DT.RPATH)),
  };
}

function readProgramHeaders(bytes: Buffer): ProgramHeader[] {
  const start = readAddress(bytes, EHDR.phoff);
  return Array.from({ length: bytes.readUInt16LE(EHDR.phnum) }, (_, i) => {
    const at = start + i * PROGRAM_HEADER_SIZE;
    return {
      type: bytes.readUInt32LE(at),
      flags: bytes.readUInt32LE(at + 4),
      offset: readAddress(bytes, at + 8),
      address: readAddress(bytes, at + 16),
      fileSize: readAddress(bytes, at + 32),
      memorySize: readAddress(bytes, at + 40),
      alignment: readAddress(bytes, at + 48),
    };
  });
}

export function writeProgramHeader(bytes: Buffer, at: number, header: ProgramHeader): void {
  bytes.writeUInt32LE(header.type, at);
  bytes.writeUInt32LE(header.flags, at + 4);
  writeAddress(bytes, at + 8, header.offset);
  writeAddress(bytes, at + 16, header.address);
  writeAddress(bytes, at + 24, header.address);
  writeAddress(bytes, at + 32, header.fileSize);
  writeAddress(bytes, at + 40, header.memorySize);
  writeAddress(bytes, at + 48, header.alignment);
}

function readSections(bytes: Buffer): SectionHeader[] {
  const start = readAddress(bytes, EHDR.shoff);
  const count = bytes.readUInt16LE(EHDR.shnum);
  if (start === 0 || bytes.readUInt16LE(EHDR.shentsize) !== SECTION_HEADER_SIZE) return [];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * SECTION_HEADER_SIZE;
    return {
      index,
      type: bytes.readUInt32LE(at + 4),
      flags: readAddress(bytes, at + 8),
      address: readAddress(bytes, at + 16),
      offset: readAddress(bytes, at + 24),
      size: readAddress(bytes, at + 32),
    };
  });
}

/** All slots, those after the first DT_NULL too: they are the spare ones. */
function readDynamic(bytes: Buffer, header: ProgramHeader): DynamicEntry[] {
  return Array.from({ length: Math.floor(header.fileSize / DYNAMIC_ENTRY_SIZE) }, (_, i) => {
    const at = header.offset + i * DYNAMIC_ENTRY_SIZE;
    return { tag: readAddress(bytes, at), value: readAddress(bytes, at + 8) };
  });
}

/** Where an address is in the file. */
export function fileOffset(headers: readonly ProgramHeader[], address: number | undefined): number | undefined {
  if (address === undefined) return undefined;
  const segment = headers.find(
    (header) => header.type === PT.LOAD && address >= header.address && address < header.address + header.fileSize,
  );
  return segment && address - segment.address + segment.offset;
}

function textAt(bytes: Buffer, start: number, end: number): string {
  if (start >= end || end > bytes.length) throw new RangeError('string outside of the file');
  const zero = bytes.indexOf(0, start);
  return bytes.toString('latin1', start, zero < 0 || zero > end ? end : zero);
}

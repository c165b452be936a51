/**
 * Creates files below an output. The modes are the two that a store knows (the realiser sets them again, exactly): what
 * counts here is that the umask cannot take the owner's execute bit, and that a read-only file is written in one go.
 */
import { copyFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';

export function writeRegularFile(path: string, data: Uint8Array | string, executable: boolean): void {
  writeFileSync(path, data, { mode: executable ? 0o755 : 0o644, flag: 'wx' });
}

/** A second name for a file that was written; a copy where the file system has no hard links. */
export function writeHardLink(existing: string, path: string): void {
  try {
    linkSync(existing, path);
  } catch {
    copyFileSync(existing, path);
  }
}

export function writeSymbolicLink(path: string, text: string): void {
  symlinkSync(text, path);
}

export function writeDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
}

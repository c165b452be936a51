/**
 * The log of one build. Bytes go to a file as they come (ROOT/nix/var/log/nix/drvs/xx/yyyy.drv, uncompressed, which C++
 * Nix reads as well) and, line by line, to whoever watches; the last lines are kept for the error message. A line that
 * starts with `@nix ` is a message to us in JSON, as Nix's stdenv writes it for its phases.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError } from '../store/disk.ts';

export interface LogWatcher {
  line(text: string): void;
  phase(name: string): void;
}

export class BuildLog {
  readonly #fd: number;
  readonly #file: string;
  readonly #watcher: LogWatcher;
  readonly #tailLength: number;
  readonly #tail: string[] = [];
  #pending: Buffer[] = [];
  /** Why the file does not hold the whole log: the disk is full, for instance. What the watcher gets is whole. */
  trouble: unknown;
  /** When bytes came last, in milliseconds of performance.now(). */
  lastOutput = performance.now();

  /** `file`: physical path, overwritten. */
  constructor(file: string, tailLength: number, watcher: LogWatcher) {
    this.#watcher = watcher;
    this.#tailLength = tailLength;
    this.#file = file;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
      this.#fd = openSync(file, 'w', 0o644);
    } catch (error) {
      throw fileError('creating log file', file, error);
    }
  }

  /** The last lines, oldest first. */
  get tail(): readonly string[] {
    return this.#tail;
  }

  write(chunk: Buffer): void {
    this.lastOutput = performance.now();
    this.#keep(chunk);
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#pending.push(chunk.subarray(start, end));
      this.#flush();
      start = end + 1;
    }
    if (start < chunk.length) this.#pending.push(chunk.subarray(start));
  }

  writeLine(text: string): void {
    this.write(Buffer.from(`${text}\n`));
  }

  close(): void {
    if (this.#pending.length > 0) this.#flush();
    closeSync(this.#fd);
  }

  #keep(chunk: Buffer): void {
    if (this.trouble !== undefined) return;
    try {
      for (let done = 0; done < chunk.length; ) done += writeSync(this.#fd, chunk, done);
    } catch (error) {
      this.trouble = fileError('writing build log', this.#file, error);
    }
  }

  #flush(): void {
    const line = overtyped(Buffer.concat(this.#pending).toString());
    this.#pending = [];
    if (line.startsWith('@nix ') && this.#message(line.slice(5))) return;
    this.#watcher.line(line);
    this.#tail.push(line);
    if (this.#tail.length > this.#tailLength) this.#tail.shift();
  }

  #message(json: string): boolean {
    let message: { readonly action?: unknown; readonly phase?: unknown; readonly msg?: unknown };
    try {
      message = JSON.parse(json);
    } catch {
      return false;
    }
    if (message.action === 'setPhase') this.#watcher.phase(String(message.phase));
    else if (message.action === 'msg') this.#watcher.line(String(message.msg));
    return true;
  }
}

/** A carriage return starts the line again; what follows covers what was there. */
function overtyped(line: string): string {
  if (!line.includes('\r')) return line;
  let out = '';
  for (const part of line.replace(/\r$/, '').split('\r')) out = part + out.slice(part.length);
  return out;
}

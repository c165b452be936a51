/**
 * Progress of builds. Everywhere: the lines that C++ Nix prints. On a terminal, below them, a live list of what is being
 * built or downloaded, with times and bytes; it is drawn again a few times a second, and gone when the work is done.
 */

import type { BuildEvent, BuildReporter } from '../api/reporting.ts';
import { plainReporter } from '../api/reporting.ts';
import { writeError } from './terminal.ts';

const interval = 120; // milliseconds between two drawings
const maximumRows = 8;

export function createReporter(options: { readonly silent?: boolean; readonly verbosity?: number }): BuildReporter {
  const live = process.stderr.isTTY === true && process.env.TERM !== 'dumb' && (options.verbosity ?? 0) >= 0;
  if (!live) return plainReporter(writeError, { silent: options.silent || (options.verbosity ?? 0) < 0 });
  return new LiveReporter(options.silent ?? false);
}

interface Job {
  readonly since: number;
  phase: string;
  received: number;
  total: number | undefined;
}

class LiveReporter implements BuildReporter {
  private readonly lines: BuildReporter;
  private readonly jobs = new Map<string, Job>();
  private drawn = 0;
  private timer: NodeJS.Timeout | undefined;
  private planned = 0;
  private done = 0;

  constructor(silent: boolean) {
    this.lines = plainReporter((text) => this.above(text), { silent });
  }

  report(event: BuildEvent): void {
    this.lines.report(event);
    switch (event.kind) {
      case 'plan':
        this.planned = event.plan.build.length + event.plan.fetch.length;
        return;
      case 'buildStarted':
        this.start(event.drvPath);
        return;
      case 'phase':
        this.change(event.drvPath, (job) => void (job.phase = event.phase));
        return;
      case 'download':
        this.change(event.drvPath, (job) => {
          job.received = event.received;
          job.total = event.total;
        });
        return;
      case 'fetchStarted':
        this.start(event.path);
        return;
      case 'fetchProgress':
        this.change(event.path, (job) => void (job.received = event.received));
        return;
      case 'buildEnded':
        this.end(event.drvPath);
        return;
      case 'fetchEnded':
        this.end(event.path);
        return;
    }
  }

  private start(key: string): void {
    this.jobs.set(key, { since: Date.now(), phase: '', received: 0, total: undefined });
    this.timer ??= setInterval(() => this.draw(), interval).unref();
  }

  private change(key: string, change: (job: Job) => void): void {
    const job = this.jobs.get(key);
    if (job) change(job);
  }

  private end(key: string): void {
    this.done++;
    this.jobs.delete(key);
    if (this.jobs.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.erase();
  }

  /** A line that stays, above the live part. */
  private above(text: string): void {
    this.erase();
    writeError(text);
  }

  private erase(): void {
    if (this.drawn > 0) process.stderr.write(`\x1b[${this.drawn}A\x1b[J`);
    this.drawn = 0;
  }

  private draw(): void {
    this.erase();
    const width = process.stderr.columns ?? 80;
    const rows = [...this.jobs].map(([key, job]) => describe(key, job));
    const shown = rows.slice(0, maximumRows);
    if (rows.length > shown.length) shown.push(`  and ${rows.length - shown.length} more`);
    shown.push(`[${this.done}/${this.planned} done]`);
    process.stderr.write(shown.map((row) => `${row.slice(0, width - 1)}\n`).join(''));
    this.drawn = shown.length;
  }
}

function describe(key: string, job: Job): string {
  const name = key.slice(key.lastIndexOf('/') + 34).replace(/\.drv$/, '');
  const seconds = ((Date.now() - job.since) / 1000).toFixed(1).padStart(6);
  const bytes =
    job.received === 0 ? '' : `  ${megabytes(job.received)}${job.total ? ` of ${megabytes(job.total)}` : ''}`;
  return `${seconds}s  ${name}${job.phase === '' ? '' : `  ${job.phase}`}${bytes}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

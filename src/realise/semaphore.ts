/**
 * A counted number of slots. Waiters are served by key (byte order), not by arrival, so that what runs next does not
 * depend on timing: `-j 1` always builds in the same order.
 */
import { compareBytewise } from '../base/order.ts';

interface Waiter {
  readonly key: string;
  start(): void;
  cancel(reason: unknown): void;
}

export interface Slot {
  /** May be called twice. */
  release(): void;
}

export class Semaphore {
  #free: number;
  readonly #waiting: Waiter[] = [];

  /** `slots` may be Infinity. */
  constructor(slots: number) {
    this.#free = slots;
  }

  /** Runs `work` in a slot. */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const slot = await this.acquire(key, signal);
    try {
      return await work();
    } finally {
      slot.release();
    }
  }

  /** Waits for a slot. Rejects with the signal's reason when it aborts before there is one. */
  async acquire(key: string, signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    // One turn of the event loop lets everything that became ready at once queue up, and be served in order.
    await new Promise<void>((start, reject) => {
      const abort = () => {
        const index = this.#waiting.indexOf(waiter);
        if (index >= 0) this.#waiting.splice(index, 1);
        waiter.cancel(signal.reason);
      };
      const waiter: Waiter = {
        key,
        start: () => {
          signal.removeEventListener('abort', abort);
          start();
        },
        cancel: reject,
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(waiter);
      setImmediate(() => this.#serve());
    });
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        this.#free++;
        setImmediate(() => this.#serve());
      },
    };
  }

  #serve(): void {
    if (this.#free <= 0 || this.#waiting.length === 0) return;
    this.#waiting.sort((a, b) => compareBytewise(a.key, b.key));
    while (this.#free > 0 && this.#waiting.length > 0) {
      this.#free--;
      this.#waiting.shift()!.start();
    }
  }
}

/** What of one function is ready: by priority, then in the order of arrival. */

const PRIORITIES = 10;
/** Taken entries at the front of a queue are dropped when there are so many. */
const COMPACT_AT = 1_024;

class Fifo<Value> {
  #items: (Value | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(value: Value): void {
    this.#items.push(value);
  }

  shift(): Value | undefined {
    const value = this.#items[this.#head];
    if (this.size === 0) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head >= COMPACT_AT) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return value;
  }
}

export class Lane<Value> {
  readonly #queues = Array.from(
    { length: PRIORITIES },
    () => new Fifo<Value>(),
  );
  /** The share that was served, weighted: who has the least is next. */
  pass = 0;

  get size(): number {
    return this.#queues.reduce((sum, { size }) => sum + size, 0);
  }

  /** Of what is next; undefined when nothing is. */
  get priority(): number | undefined {
    const priority = this.#queues.findLastIndex(({ size }) => size > 0);
    return priority < 0 ? undefined : priority;
  }

  push(priority: number, value: Value): void {
    this.#queues[priority]?.push(value);
  }

  shift(): Value | undefined {
    return this.#queues[this.priority ?? 0]?.shift();
  }
}

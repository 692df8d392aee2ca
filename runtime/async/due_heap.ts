/** Things by the time they are due: the earliest first. */

export interface Due<Value> {
  /** Milliseconds since 1970. */
  at: number;
  value: Value;
}

/** A binary heap in an array. */
export class DueHeap<Value> {
  readonly #items: Due<Value>[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): Due<Value> | undefined {
    return this.#items[0];
  }

  push(at: number, value: Value): void {
    const item = { at, value };
    const items = this.#items;
    let index = items.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent];
      if (!above || above.at <= at) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  pop(): Due<Value> | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (!first || !last || items.length === 0) return first;
    let index = 0;
    for (;;) {
      const child = this.#smallerChild(index);
      const below = items[child];
      if (!below || below.at >= last.at) break;
      items[index] = below;
      index = child;
    }
    items[index] = last;
    return first;
  }

  #smallerChild(index: number): number {
    const left = 2 * index + 1;
    const a = this.#items[left];
    const b = this.#items[left + 1];
    return a && b && b.at < a.at ? left + 1 : left;
  }
}

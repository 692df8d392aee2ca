/**
 * What is under way, in the order in which it came; each member is taken out by
 * the link that putting it in gave.
 *
 * A `Map` or `Set` that thousands of calls a second pass through keeps them all
 * for a while: tables that it has outgrown hold what they held, one leads to the
 * next, and V8 copies all that hangs on them into the old generation. A link that
 * was taken out holds nothing.
 */

export interface Link<Item> {
  /** Undefined when it was taken out. */
  readonly item: Item | undefined;
}

interface Node<Item> extends Link<Item> {
  item: Item | undefined;
  previous: Node<Item> | undefined;
  next: Node<Item> | undefined;
}

export class LinkedList<Item> implements Iterable<Item> {
  #first: Node<Item> | undefined;
  #last: Node<Item> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: Item): Link<Item> {
    const node: Node<Item> = { item, previous: this.#last, next: undefined };
    if (this.#last) this.#last.next = node;
    else this.#first = node;
    this.#last = node;
    this.#size++;
    return node;
  }

  /** @returns what it held; undefined when it was taken out before */
  take(link: Link<Item>): Item | undefined {
    const node: Node<Item> = link as Node<Item>;
    const { item, previous, next } = node;
    if (item === undefined) return undefined;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    node.item = node.previous = node.next = undefined;
    this.#size--;
    return item;
  }

  /** What is in it; the one that is looked at may be taken out meanwhile. */
  *links(): Generator<Link<Item>> {
    for (let node = this.#first; node;) {
      const { next } = node;
      yield node;
      node = next;
    }
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const { item } of this.links()) if (item !== undefined) yield item;
  }
}

/**
 * What waits for an answer: each item has a place in a table, and the token that
 * names it comes back with the answer. A `Map` would keep items for longer than
 * they wait; src/linked_list.ts says why.
 */

interface Place<Item> {
  token: string;
  item: Item;
}

export class Places<Item> {
  readonly #places: (Place<Item> | undefined)[] = [];
  readonly #free: number[] = [];
  #count = 0;

  /** How many wait. */
  get size(): number {
    return this.#places.length - this.#free.length;
  }

  /** @returns a token that no other item ever has: of letters, digits, and "-" */
  add(item: Item): string {
    const at = this.#free.pop() ?? this.#places.length;
    const token = `${at}-${(++this.#count).toString(36)}`;
    this.#places[at] = { token, item };
    return token;
  }

  has(token: string): boolean {
    return this.#at(token) !== undefined;
  }

  /** @returns undefined for a token that names none, or none any more */
  take(token: string): Item | undefined {
    const at = this.#at(token);
    if (at === undefined) return undefined;
    const item = this.#places[at]?.item;
    this.#places[at] = undefined;
    this.#free.push(at);
    return item;
  }

  takeAll(): Item[] {
    const all = this.#places.flatMap((place) => place ? [place.item] : []);
    this.#places.length = this.#free.length = 0;
    return all;
  }

  /** Tokens come from outside: another's must not take what has the place now. */
  #at(token: string): number | undefined {
    const at = Number.parseInt(token, 10);
    return this.#places[at]?.token === token ? at : undefined;
  }
}

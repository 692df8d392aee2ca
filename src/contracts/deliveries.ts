/** Deliveries that are answered with the function's answer: which have run. */

export interface Deliveries {
  /**
   * Takes a delivery to run it.
   *
   * @param leaseMs After it, who took it counts as gone.
   * @returns `taken` when it is the caller's, `busy` while it is another's,
   * `done` when it has run
   */
  take(id: string, leaseMs: number): Promise<"taken" | "busy" | "done">;
  /** It has run: it is not to run again. */
  settle(id: string): Promise<void>;
  /** It has not run to an answer: the next try may. */
  release(id: string): Promise<void>;
}

/** Samples in milliseconds, and what is said of them. */

export interface Summary {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ??
      NaN;
  return {
    count: sorted.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  };
}

/** The one with the median of what `value` says. @throws {RangeError} of none */
export function middle<Item>(
  items: readonly Item[],
  value: (item: Item) => number,
): Item {
  const sorted = items.toSorted((a, b) => value(a) - value(b));
  const found = sorted[Math.floor(sorted.length / 2)];
  if (found === undefined) throw new RangeError("nothing was measured");
  return found;
}

/** Counts by power-of-two steps, as a line of bars. */
export function histogram(samples: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const sample of samples) {
    const step = Math.floor(Math.log2(Math.max(sample, 0.001)) * 2);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const steps = Array.from(counts.keys());
  const most = Math.max(...counts.values());
  let text = "";
  for (let step = Math.min(...steps); step <= Math.max(...steps); step++) {
    text += BARS[Math.ceil((counts.get(step) ?? 0) / most * 8)];
  }
  return text;
}

const BARS = " ▁▂▃▄▅▆▇█";

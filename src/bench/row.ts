/** One line of the benchmark's table: a figure, its target, what was measured. */

export interface Row {
  figure: string;
  target: string;
  /** What was measured, in words with units. */
  measured: string;
  /** What it is held against. */
  floor: string;
  ratio: number | undefined;
  /** Undefined where there is nothing to miss. */
  isMet: boolean | undefined;
  /** Milliseconds, where there are single calls. */
  samples?: number[];
  /** Milliseconds, evenly spaced, where there are too many calls to keep. */
  quantiles?: number[];
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
}

/** @param limit The ratio of value to floor may not be larger. */
export function atMost(
  figure: string,
  limit: number,
  value: number,
  floor: { value: number; what: string },
  samples?: number[],
): Row {
  const ratio = value / floor.value;
  return {
    figure,
    target: `≤ ${limit} × floor`,
    measured: ms(value),
    floor: `${ms(floor.value)} ${floor.what}`,
    ratio,
    isMet: ratio <= limit,
    ...(samples && { samples }),
  };
}

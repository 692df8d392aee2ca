/** What a test measured, as a row of a table; nothing is asserted of it. */

const encoder = new TextEncoder();

export function report(cells: string[]): void {
  Deno.stderr.writeSync(encoder.encode(`\n| ${cells.join(" | ")} |\n`));
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** What a test measured, as a row of a table; nothing is asserted of it. */

/** `./oche test` names the file, and prints it at the end. */
const FILE = Deno.env.get("OCHE_TEST_REPORT") ?? "/dev/stderr";

export function report(cells: string[]): void {
  Deno.writeTextFileSync(FILE, `| ${cells.join(" | ")} |\n`, { append: true });
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

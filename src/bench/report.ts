/** The benchmark's results as a table, as JSON, and as a page with pictures. */
import type { Row } from "./row.ts";
import { histogram, summarize } from "./stats.ts";

export interface Report {
  /** Machine, engine, versions. */
  about: Record<string, string>;
  rows: Row[];
}

const HEAD = [
  "figure",
  "target",
  "measured",
  "ratio",
  "",
  "floor",
  "p50/p95/p99 ms",
  "histogram",
];

function cellsOf(row: Row): string[] {
  return [
    row.figure,
    row.target,
    row.measured,
    row.ratio?.toFixed(2) ?? "",
    verdict(row),
    row.floor,
    ...spread(row),
  ];
}

/** Percentiles and a histogram, where there is more than one time. */
function spread(row: Row): string[] {
  const times = timesOf(row);
  if (times.length < 2) return ["", ""];
  const { p50, p95, p99 } = summarize(times);
  const all = [p50, p95, p99].map((value) => value.toFixed(2));
  return [all.join("/"), histogram(times)];
}

function timesOf({ samples, quantiles }: Row): number[] {
  return samples ?? quantiles ?? [];
}

export function asTable({ about, rows }: Report): string {
  const lines = rows.map(cellsOf);
  const widths = HEAD.map((_, at) =>
    Math.max(...[HEAD, ...lines].map((line) => line[at]?.length ?? 0))
  );
  const print = (line: string[]) =>
    line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd();
  return [
    ...Object.entries(about).map(([name, value]) => `${name}: ${value}`),
    "",
    print(HEAD),
    ...lines.map(print),
    "",
  ].join("\n");
}

export function asJson({ about, rows }: Report): string {
  return JSON.stringify(
    {
      about,
      rows: rows.map(({ samples, quantiles, ...row }) => ({
        ...row,
        ...(samples && { samples: summarize(samples) }),
        ...(quantiles && { quantiles: summarize(quantiles) }),
      })),
    },
    undefined,
    2,
  ) + "\n";
}

const WIDTH = 480;
const HEIGHT = 80;
const BINS = 48;

/** A page without scripts: the table, and a histogram of each row's calls. */
export function asPage({ about, rows }: Report): string {
  const cells = (values: string[], tag: string) =>
    `<tr>${values.map((v) => `<${tag}>${escape(v)}</${tag}>`).join("")}</tr>`;
  const table = rows.map((row) => cells(cellsOf(row), "td"));
  const pictures = rows.flatMap((row) => {
    const times = timesOf(row);
    return times.length > 1
      ? [`<h3>${escape(row.figure)}</h3>${picture(times)}`]
      : [];
  });
  return `<!doctype html>
<meta charset="utf-8"><title>Oche: benchmark</title>
<style>body{font:15px system-ui;margin:2rem}table{border-collapse:collapse}
td,th{padding:.3rem .8rem;border-bottom:1px solid #ccc;text-align:left}
rect{fill:#3465a4}</style>
<h1>Oche: benchmark</h1>
<p>${
    Object.entries(about).map(([k, v]) => escape(`${k}: ${v}`)).join("<br>")
  }</p>
<table>${cells(HEAD, "th")}${table.join("")}</table>
${pictures.join("\n")}
`;
}

/** Up to the 99th percentile, as bars. */
function picture(samples: number[]): string {
  const { p50, p99 } = summarize(samples);
  const least = Math.min(...samples);
  const width = Math.max(p99 - least, 0.001) / BINS;
  const bins = Array.from({ length: BINS }, () => 0);
  for (const sample of samples) {
    const at = Math.floor((sample - least) / width);
    if (at < BINS) bins[at] = (bins[at] ?? 0) + 1;
  }
  const most = Math.max(...bins);
  const bars = bins.map((count, at) => {
    const height = count / most * HEIGHT;
    return `<rect x="${at * WIDTH / BINS}" y="${HEIGHT - height}" width="${
      WIDTH / BINS - 1
    }" height="${height}"/>`;
  });
  return `<svg width="${WIDTH}" height="${HEIGHT}">${bars.join("")}</svg>
<p>${least.toFixed(2)} ms to ${p99.toFixed(2)} ms, p50 ${
    p50.toFixed(2)
  } ms</p>`;
}

function verdict({ isMet }: Row): string {
  return isMet === undefined ? "" : isMet ? "met" : "missed";
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

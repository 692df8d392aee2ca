/** What the field does today: a container for each call, by the engine's own command. */
import { ms, type Row } from "../row.ts";
import { summarize } from "../stats.ts";
import { functionImage, type Target } from "../target.ts";

/** @param own Our p50 of warm and of prewarmed calls, in milliseconds. */
export async function perCallRows(
  { engine, engineName, engineSocket, installation }: Target,
  own: { warm: number; prewarmed: number },
  count: number,
): Promise<Row[]> {
  const image = await functionImage({ engine, installation });
  const at = `unix://${engineSocket}`;
  const [command, ...args] = engineName === "docker"
    ? ["docker", "-H", at]
    : ["podman", "--remote", "--url", at];
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    const begun = performance.now();
    const child = new Deno.Command(command ?? "", {
      args: [
        ...args,
        ...["run", "--rm", "--network", "none", "--tmpfs", "/tmp"],
        ...["--workdir", "/tmp", image],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    await child.output();
    samples.push(performance.now() - begun);
  }
  const { p50 } = summarize(samples);
  const row = (what: string, value: number, factor: number): Row => ({
    figure: `${engineName} run per call, against ${what}`,
    target: `≥ ${factor} ×`,
    measured: `${(p50 / value).toFixed(0)} × faster`,
    floor: `${ms(p50)} ${engineName} run`,
    ratio: p50 / value,
    isMet: p50 / value >= factor,
  });
  return [
    row("warm", own.warm, 100),
    row("prewarmed", own.prewarmed, 10),
  ];
}

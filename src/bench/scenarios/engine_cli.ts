/** What the field does today: a container for each call, by the engine's own command. */
import { AppError } from "../../contracts/error.ts";
import { ms, type Row } from "../row.ts";
import { summarize } from "../stats.ts";
import { BODY, functionImage, type Target } from "../target.ts";

const INSIDE = "/app/exchange";

/** What a function is given that serves one request and ends. */
async function exchangeFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o755);
  const files = {
    "request.json": `{"method":"POST","body":${BODY}}`,
    ".env.config": "",
    "logs.json": "",
    "result.json": "",
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    // It is another user's.
    await Deno.chmod(`${folder}/${name}`, 0o666);
  }
  return folder;
}

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
  const folder = await exchangeFolder();
  const samples: number[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const begun = performance.now();
      const child = new Deno.Command(command ?? "", {
        args: [
          ...args,
          ...["run", "--rm", "--network", "none", "--tmpfs", "/tmp"],
          ...["--volume", `${folder}:${INSIDE}`, "--workdir", INSIDE, image],
        ],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      });
      const { success } = await child.output();
      samples.push(performance.now() - begun);
      if (!success) throw new AppError("internal", `${command} run failed`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const { p50 } = summarize(samples);
  const row = (what: string, value: number, factor: number): Row => ({
    figure: `${engineName} run per call, against ${what}`,
    target: `≥ ${factor} ×`,
    measured: `${(p50 / value).toFixed(0)} × faster`,
    floor: `${ms(p50)} ${engineName} run`,
    ratio: p50 / value,
    isMet: p50 / value >= factor,
    samples,
  });
  return [
    row("warm", own.warm, 100),
    row("prewarmed", own.prewarmed, 10),
  ];
}

/** Tells a person at a terminal what takes long and how long it took. */

export type Note = (text: string) => void;

export interface Progress {
  /** Shows the title while the work is under way, when that takes a while. */
  step<T>(title: string, work: (note: Note) => Promise<T>): Promise<T>;
}

export interface ProgressOptions {
  write: (text: string) => void;
  /** A live line with an elapsed counter; else plain lines. */
  tty: boolean;
  columns?: () => number;
  /** Steps that end before this are not shown. */
  slowMs?: number;
  tickMs?: number;
  /** On a plain output: how often a long step says that it goes on. */
  beatMs?: number;
}

export const silentProgress: Progress = {
  step: (_title, work) => work(() => {}),
};

interface Step {
  title: string;
  startedAt: number;
  /** When a plain output last heard of it. */
  spokenAt: number | undefined;
  note: string;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const CLEAR_LINE = "\r\x1b[K";

export function createProgress(options: ProgressOptions): Progress {
  const { write, tty, columns = () => 80, slowMs = 700 } = options;
  const { tickMs = 100, beatMs = 15_000 } = options;
  const active = new Set<Step>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let frame = 0;

  function isSlow({ startedAt }: Step): boolean {
    return performance.now() - startedAt >= slowMs;
  }

  function draw(): void {
    const [first, ...others] = [...active].filter(isSlow);
    if (!first) return;
    const more = others.length ? ` (and ${others.length} more)` : "";
    const note = first.note ? `: ${first.note}` : "";
    const icon = FRAMES[frame++ % FRAMES.length];
    const line = `${icon} ${first.title} ${elapsed(first)}${more}${note}`;
    write(CLEAR_LINE + line.slice(0, columns() - 1));
  }

  function speak(): void {
    const now = performance.now();
    for (const step of active) {
      if (step.spokenAt === undefined) {
        if (!isSlow(step)) continue;
        write(`${step.title} …\n`);
      } else {
        if (now - step.spokenAt < beatMs) continue;
        const note = step.note ? `: ${step.note}` : "";
        write(`${step.title} … ${elapsed(step)}${note}\n`);
      }
      step.spokenAt = now;
    }
  }

  function begin(title: string): Step {
    const startedAt = performance.now();
    const step: Step = { title, startedAt, spokenAt: undefined, note: "" };
    active.add(step);
    timer ??= setInterval(tty ? draw : speak, tickMs);
    return step;
  }

  function end(step: Step, mark: string): void {
    active.delete(step);
    if (active.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    if (!isSlow(step)) return;
    const clear = tty ? CLEAR_LINE : "";
    write(`${clear}${mark} ${step.title} (${elapsed(step)})\n`);
  }

  return {
    async step(title, work) {
      const step = begin(title);
      let mark = "✗";
      try {
        const result = await work((text) => {
          step.note = text;
        });
        mark = "✓";
        return result;
      } finally {
        end(step, mark);
      }
    },
  };
}

function elapsed({ startedAt }: Step): string {
  const seconds = (performance.now() - startedAt) / 1000;
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}

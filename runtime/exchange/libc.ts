/** What the exchange needs of the C library, and neither Deno nor node:fs has. */

const SIGNATURES = {
  mkfifo: { parameters: ["buffer", "u32"], result: "i32" },
  mount: {
    parameters: ["buffer", "buffer", "buffer", "usize", "buffer"],
    result: "i32",
  },
  umount2: { parameters: ["buffer", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  poll: {
    parameters: ["buffer", "usize", "i32"],
    result: "i32",
    nonblocking: true,
  },
  /** As `poll`, on this thread. */
  pollHere: {
    name: "poll",
    parameters: ["buffer", "usize", "i32"],
    result: "i32",
  },
} as const;

type Library = Deno.DynamicLibrary<typeof SIGNATURES>;

let library: Library | undefined;

/** Opened at the first call. */
export function libc(): Library["symbols"] {
  library ??= Deno.dlopen("libc.so.6", SIGNATURES);
  return library.symbols;
}

/** As C has it: in UTF-8, ended by a zero. */
export function cText(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${value}\0`);
}

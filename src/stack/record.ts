/** The state file of a running stack, written anew with every process that starts. */
import { AppError } from "../contracts/error.ts";
import { identify, type ProcessIdentity } from "./process.ts";
import { readBootId, type StackState, writeState } from "./state.ts";

export interface StackRecord {
  /** Resolves when it is written. */
  set(change: Partial<StackState>): Promise<void>;
  child(name: string, process: ProcessIdentity): void;
}

/** Begins with this process as the supervisor. */
export async function openRecord(home: string): Promise<StackRecord> {
  const supervisor = await identify(Deno.pid);
  if (!supervisor) throw new AppError("internal", "Cannot find this process");
  let state: StackState = {
    bootId: await readBootId(),
    supervisor,
    children: [],
    startedAt: new Date().toISOString(),
  };
  let writing = writeState(home, state);
  function set(change: Partial<StackState>): Promise<void> {
    state = { ...state, ...change };
    writing = writing.then(() => writeState(home, state));
    return writing;
  }
  await writing;
  return {
    set,
    child(name: string, process: ProcessIdentity): void {
      const others = state.children.filter((child) => child.name !== name);
      void set({ children: [...others, { name, ...process }] });
    },
  };
}

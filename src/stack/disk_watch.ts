/** Tells when a disk that was full has room again. */
import { statfs } from "node:fs/promises";

const PERIOD_MS = 1_000;
const MB = 1024 * 1024;
/** Below this something was refused already, or will be. */
const FULL_BYTES = 8 * MB;
const ROOM_BYTES = 16 * MB;

/** @param onRoom Called each time that room came back. */
export function watchDisk(folder: string, onRoom: () => void): Disposable {
  let wasFull = false;
  async function look(): Promise<void> {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    if (free < FULL_BYTES) wasFull = true;
    else if (wasFull && free >= ROOM_BYTES) {
      wasFull = false;
      onRoom();
    }
  }
  const timer = setInterval(() => void look().catch(() => {}), PERIOD_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Locks between processes; the kernel frees them when their holder dies. */

export interface FileLock extends AsyncDisposable {
  readonly path: string;
}

/** Takes the lock, or undefined when another holds it. */
export async function tryLock(path: string): Promise<FileLock | undefined> {
  const file = await open(path);
  if (await file.tryLock(true)) return held(path, file);
  file.close();
  return undefined;
}

/** Does the work while holding the lock; waits for whoever has it. */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  const file = await open(path);
  await file.lock(true);
  await using _lock = held(path, file);
  return await work();
}

function open(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { create: true, write: true, mode: 0o600 });
}

function held(path: string, file: Deno.FsFile): FileLock {
  return {
    path,
    async [Symbol.asyncDispose]() {
      // Closing alone keeps it while a child that is being started holds a copy.
      await file.unlock();
      file.close();
    },
  };
}

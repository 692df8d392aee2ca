/** NATS clients of a test that are cut off while their server is killed. */

/**
 * One that is cut off in its handshake leaves a rejection to nobody; programs
 * log it (src/bin/program.ts), a test would fail by it. A call that a test
 * waits for fails it all the same.
 */
export function ignoreRejections(): Disposable {
  const ignore = (event: PromiseRejectionEvent) => event.preventDefault();
  globalThis.addEventListener("unhandledrejection", ignore);
  return {
    [Symbol.dispose]: () =>
      globalThis.removeEventListener("unhandledrejection", ignore),
  };
}

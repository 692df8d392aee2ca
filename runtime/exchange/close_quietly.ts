/** The end of what may have ended already. */

export function closeQuietly(part: { close(): void } | undefined): void {
  try {
    part?.close();
  } catch {
    // Closed before, by either side.
  }
}

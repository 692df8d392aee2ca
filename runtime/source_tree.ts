/** An author's files: POSIX paths relative to the archive's root, and their bytes. */
export type SourceTree = ReadonlyMap<string, Uint8Array>;

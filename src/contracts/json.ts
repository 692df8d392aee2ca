/** JSON from outside, bounded in depth: what parses deeper than this overflows the stack of whoever writes it again. */

/** Lists and objects in one another. */
export const MAX_JSON_DEPTH = 512;

/**
 * @throws {SyntaxError} when the text is not JSON
 * @throws {RangeError} when it is deeper than allowed
 */
export function decodeJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Each level takes two characters at least.
  if (text.length > 2 * MAX_JSON_DEPTH && isDeeper(value, MAX_JSON_DEPTH)) {
    throw new RangeError(`it is deeper than ${MAX_JSON_DEPTH} levels`);
  }
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const below = Array.isArray(value) ? value : Object.values(value);
  return below.some((each) => isDeeper(each, levels - 1));
}

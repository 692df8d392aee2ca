/** Small steps on a syntax tree. */
import type { Node } from "./parser.ts";
import type { Place } from "./refusal.ts";

export function namedChildren(node: Node): Node[] {
  return node.namedChildren.flatMap((child) => child ? [child] : []);
}

export function childrenOf(node: Node, type: string): Node[] {
  return namedChildren(node).filter((child) => child.type === type);
}

/** Also what has no name of its own, such as a keyword. */
export function hasToken(node: Node, type: string): boolean {
  return node.children.some((child) => child?.type === type);
}

export function placeOf({ startPosition }: Node, file: string): Place {
  return {
    file,
    line: startPosition.row + 1,
    column: startPosition.column + 1,
  };
}

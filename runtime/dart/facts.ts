/** What a Dart file declares, as far as a cloud function is concerned. */
import { childrenOf, namedChildren, placeOf } from "./nodes.ts";
import { annotationName, type ClassFacts, readClass } from "./class_facts.ts";
import type { Node } from "./parser.ts";
import type { Place } from "./refusal.ts";

/** An annotation where no class follows. */
export interface Misplaced extends Place {
  annotation: string;
  /** Such as `function`. */
  on: string;
}

export interface FileFacts {
  path: string;
  classes: ClassFacts[];
  mains: Place[];
  misplaced: Misplaced[];
  /** URIs of its parts. */
  parts: string[];
  /** The URI of the library that it is a part of; empty where it is a name. */
  partOf: string | undefined;
  /** The first place that could not be parsed. */
  broken: Place | undefined;
}

/** Declarations that bear annotations, in the author's words. */
const WORDS: Record<string, string> = {
  enum_declaration: "enum",
  extension_declaration: "extension",
  extension_type_declaration: "extension type",
  function_signature: "function",
  getter_signature: "getter",
  library_name: "library directive",
  mixin_declaration: "mixin",
  part_directive: "part directive",
  part_of_directive: "part directive",
  setter_signature: "setter",
  type_alias: "typedef",
};

export function readFacts(root: Node, path: string): FileFacts {
  const facts: FileFacts = {
    path,
    classes: [],
    mains: [],
    misplaced: [],
    parts: [],
    partOf: undefined,
    broken: undefined,
  };
  const error = firstError(root);
  if (error) facts.broken = placeOf(error, path);
  let pending: Node[] = [];
  for (const node of namedChildren(root)) {
    if (node.type.endsWith("comment")) continue;
    if (node.type === "annotation") {
      pending.push(node);
      continue;
    }
    readDeclaration(node, pending, facts);
    pending = [];
  }
  return facts;
}

function readDeclaration(node: Node, before: Node[], facts: FileFacts): void {
  const { path } = facts;
  switch (node.type) {
    case "class_definition":
      facts.classes.push(readClass(node, before, path));
      return;
    case "ERROR":
      for (const lost of childrenOf(node, "class_definition")) {
        facts.classes.push(readClass(lost, [], path));
      }
      return;
    case "part_directive":
      facts.parts.push(uriOf(node));
      break;
    case "part_of_directive":
      facts.partOf = uriOf(node);
      break;
    case "function_signature": {
      const name = node.childForFieldName("name");
      if (name?.text === "main") facts.mains.push(placeOf(name, path));
    }
  }
  const on = WORDS[node.type];
  // What a syntax error left over is no declaration of the author's.
  if (on === undefined && facts.broken) return;
  for (const annotation of [...before, ...childrenOf(node, "annotation")]) {
    facts.misplaced.push({
      annotation: annotationName(annotation),
      on: on ?? "variable",
      ...placeOf(annotation, path),
    });
  }
}

/** Of a part directive: adjacent string literals are one. */
function uriOf(directive: Node): string {
  const [uri] = childrenOf(directive, "uri");
  return Array.from(
    (uri?.text ?? "").matchAll(/r?(["'])(.*?)\1/g),
    ([, , text = ""]) => text,
  ).join("");
}

/** Down the first branch that holds an error. */
function firstError(root: Node): Node | undefined {
  if (!root.hasError) return undefined;
  let node = root;
  while (!node.isError && !node.isMissing) {
    const next = node.children.find((child) =>
      child && (child.hasError || child.isMissing) &&
      // The grammar does not know `library;`.
      child.type !== "library_name"
    );
    if (!next) return node === root ? undefined : node;
    node = next;
  }
  return node;
}

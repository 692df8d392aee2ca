/** What a Dart file declares, as far as a cloud function is concerned. */
import type { Node } from "./parser.ts";

export interface Place {
  file: string;
  /** Counted from 1. */
  line: number;
  /** Counted from 1. */
  column: number;
}

export interface Handle {
  hasLogger: boolean;
}

export interface ClassFacts extends Place {
  name: string;
  /** Without prefix and type arguments. */
  superclass: string | undefined;
  annotations: string[];
  modifiers: string[];
  /** When it is declared with a body, and not static. */
  handle: Handle | undefined;
  /** Whether `Name()` makes one. */
  constructible: boolean;
}

export interface FileFacts {
  path: string;
  classes: ClassFacts[];
  mains: Place[];
  /** Annotations on what is no class, as `@name on what`. */
  misplaced: (Place & { annotation: string; what: string })[];
  /** URIs of its parts. */
  parts: string[];
  isPart: boolean;
  /** The first place that could not be parsed. */
  broken: Place | undefined;
}

export function readFacts(root: Node, path: string): FileFacts {
  const facts: FileFacts = {
    path,
    classes: [],
    mains: [],
    misplaced: [],
    parts: [],
    isPart: false,
    broken: root.hasError ? placeOf(firstError(root), path) : undefined,
  };
  let pending: Node[] = [];
  for (const node of namedChildren(root)) {
    if (node.type === "annotation") {
      pending.push(node);
      continue;
    }
    readDeclaration(node, pending, facts);
    if (!node.type.endsWith("comment")) pending = [];
  }
  return facts;
}

function readDeclaration(node: Node, before: Node[], facts: FileFacts): void {
  const { path } = facts;
  const annotations = [...before, ...childrenOf(node, "annotation")];
  switch (node.type) {
    case "class_definition":
      facts.classes.push(readClass(node, annotations, path));
      return;
    case "part_directive":
      facts.parts.push(stringOf(node));
      return;
    case "part_of_directive":
      facts.isPart = true;
      return;
    case "function_signature":
      if (node.childForFieldName("name")?.text === "main") {
        facts.mains.push(placeOf(node, path));
      }
  }
  for (const annotation of annotations) {
    facts.misplaced.push({
      annotation: annotationName(annotation),
      what: node.type.replace(/_(declaration|signature|definition)$/, "")
        .replaceAll("_", " "),
      ...placeOf(annotation, path),
    });
  }
}

function readClass(node: Node, annotations: Node[], path: string): ClassFacts {
  const body = node.childForFieldName("body");
  const name = node.childForFieldName("name");
  return {
    name: name?.text ?? "",
    superclass: superclassOf(node),
    annotations: annotations.map(annotationName),
    modifiers: node.children.flatMap((child) => child ? [child.type] : []),
    handle: body ? handleOf(body) : undefined,
    constructible: body ? isConstructible(body) : true,
    ...placeOf(name ?? node, path),
  };
}

function superclassOf(node: Node): string | undefined {
  const clause = node.childForFieldName("superclass");
  return clause
    ? childrenOf(clause, "type_identifier").at(-1)?.text
    : undefined;
}

function handleOf(body: Node): Handle | undefined {
  for (const method of childrenOf(body, "method_signature")) {
    const [signature] = childrenOf(method, "function_signature");
    if (signature?.childForFieldName("name")?.text !== "handle") continue;
    if (method.children.some((child) => child?.type === "static")) continue;
    const [parameters] = childrenOf(signature, "formal_parameter_list");
    const names = parameters?.descendantsOfType("formal_parameter")
      .map((parameter) => parameter?.childForFieldName("name")?.text);
    return { hasLogger: names?.includes("logger") ?? false };
  }
  return undefined;
}

const CONSTRUCTORS = [
  "constructor_signature",
  "constant_constructor_signature",
  "factory_constructor_signature",
  "redirecting_factory_constructor_signature",
];

/** No constructor declared, or an unnamed one that needs no argument. */
function isConstructible(body: Node): boolean {
  const constructors = namedChildren(body)
    .flatMap((member) =>
      ["declaration", "method_signature"].includes(member.type)
        ? namedChildren(member)
        : []
    )
    .filter(({ type }) => CONSTRUCTORS.includes(type));
  if (constructors.length === 0) return true;
  return constructors.some((each) => isUnnamed(each) && !needsArguments(each));
}

function isUnnamed(constructor: Node): boolean {
  const [, name] = childrenOf(constructor, "identifier");
  return name === undefined || name.text === "new";
}

function needsArguments(constructor: Node): boolean {
  const [list] = childrenOf(constructor, "formal_parameter_list");
  if (!list) return false;
  return childrenOf(list, "formal_parameter").length > 0 ||
    childrenOf(list, "optional_formal_parameters").some((optional) =>
      optional.children.some((child) => child?.type === "required")
    );
}

/** Without a prefix: `cloudFunction` of `@cf.cloudFunction`. */
function annotationName(annotation: Node): string {
  const name = annotation.childForFieldName("name")?.text ?? "";
  return name.slice(name.lastIndexOf(".") + 1);
}

function stringOf(directive: Node): string {
  const [literal] = directive.descendantsOfType("string_literal");
  return (literal?.text ?? "").replace(/^r?(['"])(.*)\1$/s, "$2");
}

/** Down the first branch that holds an error. */
function firstError(root: Node): Node {
  let node = root;
  for (;;) {
    if (node.isError || node.isMissing) return node;
    const next = node.children.find((child) =>
      child && (child.hasError || child.isMissing)
    );
    if (!next) return node;
    node = next;
  }
}

function placeOf({ startPosition }: Node, file: string): Place {
  return {
    file,
    line: startPosition.row + 1,
    column: startPosition.column + 1,
  };
}

function namedChildren(node: Node): Node[] {
  return node.namedChildren.flatMap((child) => child ? [child] : []);
}

function childrenOf(node: Node, type: string): Node[] {
  return namedChildren(node).filter((child) => child.type === type);
}

/** What a class declares: its superclass, its handle(), how it is made. */
import { childrenOf, hasToken, namedChildren, placeOf } from "./nodes.ts";
import type { Node } from "./parser.ts";
import type { Place } from "./refusal.ts";

export interface Handle extends Place {
  kind:
    | "method"
    | "method without a body"
    | "static method"
    | "getter"
    | "setter"
    | "field";
  hasLogger: boolean;
}

export interface Constructor extends Place {
  /** Empty for the unnamed one. */
  name: string;
  /** Parameters that a caller must give. */
  required: string[];
}

export interface ClassFacts extends Place {
  name: string;
  /** Without prefix and type arguments. */
  superclass: string | undefined;
  annotations: string[];
  /** Annotations of its members. */
  memberAnnotations: (Place & { annotation: string })[];
  modifiers: string[];
  handle: Handle | undefined;
  constructors: Constructor[];
  /** Whether a part of it could not be parsed. */
  isBroken: boolean;
}

const MODIFIERS = ["abstract", "sealed"];
const CONSTRUCTORS = [
  "constructor_signature",
  "constant_constructor_signature",
  "factory_constructor_signature",
  "redirecting_factory_constructor_signature",
];

export function readClass(
  node: Node,
  before: Node[],
  path: string,
): ClassFacts {
  // `class A = B with C;` keeps its name and superclass a level deeper.
  const [alias] = childrenOf(node, "mixin_application_class");
  const named = node.childForFieldName("name") ??
    (alias && childrenOf(alias, "identifier")[0]);
  const name = named?.text ?? "";
  const body = node.childForFieldName("body");
  const members = body ? namedChildren(body) : [];
  const declared = members.filter(({ type }) =>
    type === "declaration" || type === "method_signature"
  );
  return {
    name,
    superclass: superclassOf(node, alias),
    annotations: [...before, ...childrenOf(node, "annotation")]
      .map(annotationName),
    memberAnnotations: members.filter(({ type }) => type === "annotation")
      .map((each) => ({
        annotation: annotationName(each),
        ...placeOf(each, path),
      })),
    modifiers: MODIFIERS.filter((modifier) => hasToken(node, modifier)),
    handle: handleOf(declared, path),
    constructors: declared.flatMap((each) => constructorOf(each, name, path)),
    isBroken: node.hasError,
    ...placeOf(named ?? node, path),
  };
}

function superclassOf(node: Node, alias: Node | undefined): string | undefined {
  const clause = alias
    ? childrenOf(alias, "mixin_application")[0]
    : node.childForFieldName("superclass");
  return clause
    ? childrenOf(clause, "type_identifier").at(-1)?.text
    : undefined;
}

function handleOf(members: Node[], path: string): Handle | undefined {
  const found = members.flatMap((member): Handle[] => {
    const signature = namedChildren(member).find(({ type }) =>
      type.endsWith("_signature")
    );
    const name = signature ? nameOf(signature) : undefined;
    if (signature && name?.text === "handle") {
      return [{
        kind: kindOf(member, signature),
        hasLogger: parametersOf(signature)
          .some(({ name }) => name === "logger"),
        ...placeOf(name, path),
      }];
    }
    const field = fieldsOf(member).find(({ text }) => text === "handle");
    return field
      ? [{ kind: "field", hasLogger: false, ...placeOf(field, path) }]
      : [];
  });
  return found.find(({ kind }) => kind === "method") ?? found[0];
}

function kindOf(member: Node, signature: Node): Handle["kind"] {
  if (signature.type === "getter_signature") return "getter";
  if (signature.type === "setter_signature") return "setter";
  if (hasToken(member, "static")) return "static method";
  return member.type === "declaration" ? "method without a body" : "method";
}

/** Of a method, or of a constructor's class. */
function nameOf(signature: Node): Node | undefined {
  return signature.childForFieldName("name") ??
    childrenOf(signature, "identifier")[0];
}

function fieldsOf(member: Node): Node[] {
  return namedChildren(member)
    .filter(({ type }) =>
      type === "initialized_identifier_list" ||
      type === "static_final_declaration_list" || type === "identifier_list"
    )
    .flatMap(namedChildren)
    .flatMap((each) =>
      each.type === "identifier"
        ? [each]
        : childrenOf(each, "identifier").slice(0, 1)
    );
}

function constructorOf(
  member: Node,
  className: string,
  path: string,
): Constructor[] {
  const signature = namedChildren(member)
    .find(({ type }) => CONSTRUCTORS.includes(type));
  if (!signature) return [];
  const [type, name] = childrenOf(signature, "identifier");
  // A method without a return type looks like a constructor too.
  if (type?.text !== className) return [];
  return [{
    name: name === undefined || name.text === "new" ? "" : name.text,
    required: parametersOf(signature)
      .filter(({ isRequired }) => isRequired)
      .map(({ name }) => name),
    ...placeOf(type, path),
  }];
}

function parametersOf(
  signature: Node,
): { name: string; isRequired: boolean }[] {
  const [list] = childrenOf(signature, "formal_parameter_list");
  if (!list) return [];
  const found = childrenOf(list, "formal_parameter")
    .map((each) => ({ name: parameterName(each), isRequired: true }));
  for (const optional of childrenOf(list, "optional_formal_parameters")) {
    let isRequired = false;
    for (const child of optional.children) {
      if (child?.type === "required") isRequired = true;
      if (child?.type !== "formal_parameter") continue;
      found.push({ name: parameterName(child), isRequired });
      isRequired = false;
    }
  }
  return found;
}

function parameterName(parameter: Node): string {
  const [own] = namedChildren(parameter).filter(({ type }) =>
    type === "constructor_param" || type === "super_formal_parameter"
  );
  const name = parameter.childForFieldName("name") ??
    childrenOf(own ?? parameter, "identifier").at(-1);
  return name?.text ?? "";
}

/** Without a prefix: `cloudFunction` of `@cf.cloudFunction`. */
export function annotationName(annotation: Node): string {
  const name = annotation.childForFieldName("name")?.text ?? "";
  return name.replace(/\s*\.\s*new$/, "").replace(/^[^]*\.\s*/, "");
}

/** Whether the class can be made and called by a generated main.dart. */
import type { ClassFacts, Handle } from "./class_facts.ts";
import type { FileFacts } from "./facts.ts";
import { clip, list, type Place, refusal } from "./refusal.ts";

const SIGNATURE =
  "Future<CloudResponse> handle({required CloudRequest request, " +
  "Map<String, String>? env})";

/** Records and messages hold the name. */
const MAX_NAME = 256;

/** @throws {AppError} `injection_failed` when it cannot */
export function usable(found: ClassFacts, files: FileFacts[]): Handle {
  const name = clip(found.name);
  if (found.name.length > MAX_NAME) {
    throw refusal({
      sentence: `The name of the class is longer than ${MAX_NAME} characters`,
      places: [found],
      hint: "Give it a shorter one",
    });
  }
  const [modifier] = found.modifiers;
  if (modifier) {
    throw refusal({
      sentence: `The class ${name} is ${modifier} and cannot be instantiated`,
      places: [found],
      hint: `Remove ${modifier}`,
    });
  }
  if (name.startsWith("_")) {
    throw refusal({
      sentence: `The class ${name} is private and cannot be imported`,
      places: [found],
      hint: "Rename it without the underscore",
    });
  }
  requireConstructor(found, name);
  return requireHandle(found, name, files);
}

function requireConstructor(found: ClassFacts, name: string): void {
  const { constructors } = found;
  const unnamed = constructors.find((each) => each.name === "");
  const hint = `Let ${name}() need nothing; read settings from env in handle()`;
  if (unnamed && unnamed.required.length > 0) {
    throw refusal({
      sentence: `The constructor of ${name} needs arguments: ${
        list(unnamed.required.map(clip))
      }`,
      places: [unnamed],
      hint,
    });
  }
  if (!unnamed && constructors.length > 0) {
    const named = constructors.map((each) => `${name}.${clip(each.name)}()`);
    throw refusal({
      sentence: `The class ${name} has no unnamed constructor, only ${
        list(named)
      }`,
      places: constructors,
      hint,
    });
  }
}

function requireHandle(
  found: ClassFacts,
  name: string,
  files: FileFacts[],
): Handle {
  const { handle } = found;
  if (handle?.kind === "method") return handle;
  if (handle) {
    throw refusal({
      sentence: `handle of ${name} is a ${handle.kind}, not a method to call`,
      places: [handle],
      hint: `Write ${SIGNATURE} async { … }`,
    });
  }
  const broken = brokenIn(found, files);
  throw refusal({
    sentence: broken
      ? `The class ${name} has no handle() method that could be parsed`
      : `The class ${name} has no handle() method of its own`,
    places: broken ? [found, broken] : [found],
    hint: broken ? "Mend the syntax error first" : `Override ${SIGNATURE}`,
  });
}

function brokenIn(found: ClassFacts, files: FileFacts[]): Place | undefined {
  if (!found.isBroken) return undefined;
  return files.find(({ path }) => path === found.file)?.broken;
}

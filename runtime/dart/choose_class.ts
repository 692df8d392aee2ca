/** Which of the classes is the function, or why none is: a sentence a cause. */
import type { ClassFacts, FileFacts, Handle } from "./facts.ts";
import { refusal } from "./refusal.ts";

const BASE = "CloudDartFunction";
const ANNOTATIONS = ["cloudFunction", "CloudFunction"];
/** What the generation before used. */
const OLD_ANNOTATION = "function";

const EXAMPLE =
  "Write @cloudFunction class MyFunction extends CloudDartFunction";

/** @throws {AppError} `injection_failed` */
export function chooseClass(
  files: FileFacts[],
): { found: ClassFacts; handle: Handle } {
  const classes = files.flatMap((file) => file.classes);
  const annotated = classes.filter(isAnnotated);
  const extending = classes.filter(({ superclass }) => superclass === BASE);

  if (annotated.length > 1) {
    throw refusal({
      sentence: `Several classes are annotated: ${names(annotated)}`,
      places: annotated,
      hint: "Keep the annotation on one class, and deploy the others apart",
    });
  }
  const [found] = annotated;
  if (!found) throw noClass(files, extending);
  if (found.superclass !== BASE) throw wrongSuperclass(found, classes);
  if (extending.length > 1) {
    throw refusal({
      sentence: `Several classes extend ${BASE}: ${names(extending)}`,
      places: extending,
      hint: "Keep one, and let the others be plain classes",
    });
  }
  return { found, handle: usable(found) };
}

/** @throws {AppError} `injection_failed` when the class cannot be made or called */
function usable(found: ClassFacts): Handle {
  const { name, modifiers, handle } = found;
  const places = [found];
  const kind = ["abstract", "sealed"].find((each) => modifiers.includes(each));
  if (kind) {
    throw refusal({
      sentence: `The class ${name} is ${kind} and cannot be instantiated`,
      places,
      hint: `Remove ${kind}`,
    });
  }
  if (name.startsWith("_")) {
    throw refusal({
      sentence: `The class ${name} is private and cannot be imported`,
      places,
      hint: "Rename it without the underscore",
    });
  }
  if (!found.constructible) {
    throw refusal({
      sentence: `The class ${name} has no constructor that needs no arguments`,
      places,
      hint: `Add one, as ${name}(); read settings from env in handle()`,
    });
  }
  if (!handle) {
    throw refusal({
      sentence: `The class ${name} has no handle() method`,
      places,
      hint: "Override Future<CloudResponse> handle({required CloudRequest " +
        "request, Map<String, String>? env})",
    });
  }
  return handle;
}

function noClass(files: FileFacts[], extending: ClassFacts[]) {
  const misplaced = files.flatMap((file) => file.misplaced);
  const wrong = misplaced.filter(({ annotation }) =>
    ANNOTATIONS.includes(annotation)
  );
  if (wrong[0]) {
    return refusal({
      sentence: `@${wrong[0].annotation} is on a ${
        wrong[0].what
      }, not on a class`,
      places: wrong,
      hint: EXAMPLE,
    });
  }
  const old = [
    ...misplaced.filter(({ annotation }) => annotation === OLD_ANNOTATION),
    ...files.flatMap((file) => file.classes)
      .filter(({ annotations }) => annotations.includes(OLD_ANNOTATION)),
  ];
  if (old.length > 0) {
    return refusal({
      sentence: "@function is the annotation of an older generation",
      places: old,
      hint: EXAMPLE,
    });
  }
  if (extending.length > 0) {
    return refusal({
      sentence: `No @cloudFunction annotation on ${names(extending)}`,
      places: extending,
      hint: "Write @cloudFunction above the class",
    });
  }
  const broken = files.flatMap(({ broken }) => broken ? [broken] : []);
  if (broken.length > 0) {
    return refusal({
      sentence: "No class found, and a file could not be parsed",
      places: broken,
      hint: "Mend the syntax error first",
    });
  }
  return refusal({
    sentence: "No class found: none carries @cloudFunction and extends " + BASE,
    hint: EXAMPLE,
  });
}

function wrongSuperclass(found: ClassFacts, classes: ClassFacts[]) {
  const { name, superclass } = found;
  const parent = classes.find((each) => each.name === superclass);
  if (parent && reaches(parent, classes)) {
    return refusal({
      sentence: `The class ${name} extends ${BASE} only through ${superclass}`,
      places: [found],
      hint: `Let ${name} extend ${BASE} itself`,
    });
  }
  return refusal({
    sentence: superclass === undefined
      ? `The class ${name} does not extend ${BASE}`
      : `The class ${name} does not extend ${BASE}, but ${superclass}`,
    places: [found],
    hint: EXAMPLE,
  });
}

/** Whether the base is among a class's ancestors; a circle ends the search. */
function reaches(start: ClassFacts, classes: ClassFacts[]): boolean {
  const seen = new Set<string>();
  let current: ClassFacts | undefined = start;
  while (current && !seen.has(current.name)) {
    if (current.superclass === BASE) return true;
    seen.add(current.name);
    const superclass: string | undefined = current.superclass;
    current = classes.find(({ name }) => name === superclass);
  }
  return false;
}

function isAnnotated({ annotations }: ClassFacts): boolean {
  return annotations.some((name) => ANNOTATIONS.includes(name));
}

function names(classes: ClassFacts[]): string {
  return classes.map(({ name }) => name).join(", ");
}

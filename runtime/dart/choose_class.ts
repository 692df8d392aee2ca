/** Which of the classes is the function, or why none is: a sentence a cause. */
import type { AppError } from "../../src/contracts/error.ts";
import type { ClassFacts, Handle } from "./class_facts.ts";
import type { FileFacts } from "./facts.ts";
import { clip, list, type Place, refusal } from "./refusal.ts";
import { usable } from "./usable_class.ts";

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
  const annotated = classes.filter(({ annotations }) =>
    annotations.some(isOurs)
  );
  const extending = classes.filter(({ superclass }) => superclass === BASE);

  const misplaced = misplacedOf(files);
  if (misplaced) throw misplaced;
  if (annotated.length > 1) {
    throw refusal({
      sentence: `Several classes carry @cloudFunction: ${names(annotated)}`,
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
      hint: `Keep one; what it shares with others can be a mixin`,
    });
  }
  return { found, handle: usable(found, files) };
}

function misplacedOf(files: FileFacts[]): AppError | undefined {
  const members = files.flatMap(({ classes }) => classes)
    .flatMap(({ name, file, memberAnnotations }) =>
      memberAnnotations.map((each) => ({
        ...each,
        file,
        on: `member of the class ${clip(name)}`,
      }))
    );
  const found = [...files.flatMap(({ misplaced }) => misplaced), ...members]
    .filter(({ annotation }) => isOurs(annotation));
  const [first] = found;
  return first && refusal({
    sentence: `@${first.annotation} is on ${article(first.on)}, not on a class`,
    places: found,
    hint: EXAMPLE,
  });
}

function noClass(files: FileFacts[], extending: ClassFacts[]): AppError {
  const old: Place[] = [
    ...files.flatMap(({ misplaced }) => misplaced)
      .filter(({ annotation }) => annotation === OLD_ANNOTATION),
    ...files.flatMap(({ classes }) => classes)
      .filter(({ annotations }) => annotations.includes(OLD_ANNOTATION)),
  ];
  if (old.length > 0) {
    return refusal({
      sentence: "@function is the annotation of an older generation",
      places: old,
      hint: `${EXAMPLE} instead of @function`,
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
    sentence:
      `No class found: none carries @cloudFunction, none extends ${BASE}`,
    hint: EXAMPLE,
  });
}

function wrongSuperclass(found: ClassFacts, classes: ClassFacts[]): AppError {
  const { superclass } = found;
  const name = clip(found.name);
  const parent = classes.find((each) => each.name === superclass);
  if (parent && reaches(parent, classes)) {
    return refusal({
      sentence: `The class ${name} extends ${BASE} only through ${
        clip(parent.name)
      }`,
      places: [found, parent],
      hint: `Let ${name} extend ${BASE} itself; make the other a mixin`,
    });
  }
  return refusal({
    sentence: superclass === undefined
      ? `The class ${name} does not extend ${BASE}`
      : `The class ${name} does not extend ${BASE}, but ${clip(superclass)}`,
    places: [found],
    hint: EXAMPLE,
  });
}

/** Whether the base is among a class's ancestors; a circle ends the search. */
function reaches(start: ClassFacts, classes: ClassFacts[]): boolean {
  const byName = new Map(classes.map((each) => [each.name, each]));
  const seen = new Set<string>();
  let current: ClassFacts | undefined = start;
  while (current && !seen.has(current.name)) {
    if (current.superclass === BASE) return true;
    seen.add(current.name);
    current = byName.get(current.superclass ?? "");
  }
  return false;
}

function isOurs(annotation: string): boolean {
  return ANNOTATIONS.includes(annotation);
}

function names(classes: ClassFacts[]): string {
  return list(classes.map(({ name }) => clip(name)));
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

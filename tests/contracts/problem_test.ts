import { deepStrictEqual, strictEqual } from "node:assert";
import { AppError, ERROR_CODES } from "../../src/contracts/error.ts";
import { fromProblem, STATUS, toProblem } from "../../src/contracts/problem.ts";

const STATUSES: [string, number][] = [
  ["invalid", 400],
  ["unauthenticated", 401],
  ["forbidden", 403],
  ["not_found", 404],
  ["conflict", 409],
  ["too_large", 413],
  ["unsupported", 415],
  ["injection_failed", 422],
  ["build_failed", 422],
  ["key_reused", 422],
  ["busy", 429],
  ["internal", 500],
  ["function_failed", 502],
  ["unavailable", 503],
  ["timeout", 504],
];

Deno.test("STATUS has exactly the codes and statuses of the design", () => {
  deepStrictEqual(Object.entries(STATUS), STATUSES);
});

for (const code of ERROR_CODES) {
  Deno.test(`fromProblem() reads back what toProblem() wrote of ${code}`, () => {
    const error = new AppError(code, "Cannot do it", {
      hint: "Do this",
      reason: "oom",
      diagnostics: [{ file: "a.dart", line: 1, column: 2, message: "m" }],
      stderr: "last words",
      retryAfter: 2,
    });
    const back = fromProblem(JSON.parse(JSON.stringify(toProblem(error))));
    const { stack: _a, cause: _b, ...was } = {
      ...error,
      message: error.message,
    };
    const { stack: _c, cause: _d, ...is } = { ...back, message: back.message };
    deepStrictEqual(is, was);
  });
}

Deno.test("toProblem() says nothing of what was not thrown on purpose", () => {
  const problem = toProblem(new TypeError("secret path /x"));
  strictEqual(problem.code, "internal");
  strictEqual(JSON.stringify(problem).includes("secret"), false);
});

Deno.test("fromProblem() makes internal of what is no problem", () => {
  strictEqual(fromProblem("<html>").code, "internal");
});

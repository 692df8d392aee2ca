/** How much a test does: little in the suite, all of it in `./oche test --long`. */

const isLong = Deno.env.get("OCHE_LONG") === "1";

export function scaled<Value>(short: Value, long: Value): Value {
  return isLong ? long : short;
}

import type { QueryTiming } from "../../api";
import { formatNumber } from "../../shared";

/** Closer than that two measurements are the same. */
const ALIKE = 1.1;
/** Nothing takes less, as the clock sees it: in milliseconds. */
const LEAST = 0.01;

/** What a query's two times come to: "13× faster", "2.5× slower", "as fast as before". */
export function speed(timing: Pick<QueryTiming, "before_ms" | "after_ms">): {
  turn: "faster" | "slower" | "same";
  words: string;
} {
  const before = Math.max(timing.before_ms, LEAST);
  const after = Math.max(timing.after_ms, LEAST);
  if (before > after * ALIKE) return { turn: "faster", words: `${times(before / after)} faster` };
  if (after > before * ALIKE) return { turn: "slower", words: `${times(after / before)} slower` };
  return { turn: "same", words: "as fast as before" };
}

function times(ratio: number): string {
  return `${ratio < 9.95 ? ratio.toFixed(1) : formatNumber(Math.round(ratio))}×`;
}

/** How long a lock is held: 0.02 → "20 ms", 1.5 → "1.5 s". */
export function heldFor(seconds: number): string {
  if (seconds < 0.001) return "under 1 ms";
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

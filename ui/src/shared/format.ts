const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 48112 → "48,112". */
export function formatNumber(value: number | bigint): string {
  return whole.format(value);
}

/** Short count for narrow places: 84, 1.2k, 48.1k, 190k, 2.4M. Rounds down, so it never claims more than there is. */
export function formatCount(value: number): string {
  for (const [unit, size] of [
    ["B", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (value >= size) {
      const scaled = value / size;
      return scaled >= 100
        ? `${Math.floor(scaled)}${unit}`
        : `${(Math.floor(scaled * 10) / 10).toString()}${unit}`;
    }
  }
  return whole.format(value);
}

/** "1 record", "48,112 records". `many` is needed only where an s is not enough. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`;
}

/** Seconds as a clock: 3 → "0:03", 75 → "1:15", 3700 → "1:01:40". */
export function formatClock(seconds: number): string {
  const total = Math.max(0, Math.ceil(seconds));
  const h = Math.floor(total / 3600);
  const m = Math.floor((total % 3600) / 60);
  const s = String(total % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** Seconds as words for a report: 0.02 → "under 0.1 s", 0.42 → "0.4 s", 75 → "1 min 15 s". */
export function formatDuration(seconds: number): string {
  if (seconds < 0.05) return "under 0.1 s";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 60)} min ${rest} s`;
}

/** 900 → "1 kB", 2250000 → "2.3 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Milliseconds of a short wait: 2.94 → "2.9 ms", 38.1 → "38 ms", 0.02 → "under 0.1 ms". */
export function formatMilliseconds(ms: number): string {
  if (ms < 0.05) return "under 0.1 ms";
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : `${formatNumber(Math.round(ms))} ms`;
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "just now", "5 minutes ago", "yesterday", then a plain date. */
export function formatWhen(iso: string, now = Date.now()): string {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) return iso;
  const seconds = (now - then) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3600) return relative.format(-Math.max(1, Math.round(seconds / 60)), "minute");
  if (seconds < 86_400) return relative.format(-Math.round(seconds / 3600), "hour");
  if (seconds < 7 * 86_400) return relative.format(-Math.round(seconds / 86_400), "day");
  return new Date(then).toLocaleDateString("en", { year: "numeric", month: "short", day: "numeric" });
}

/** The last part of a path, whichever separator the system uses. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).pop() || path;
}

/** Where a workspace is, in few words: the name of its file, or "host:port, schema public". */
export function placeName(location: string): string {
  if (!/^postgres(ql)?:/.test(location)) return fileName(location);
  try {
    const url = new URL(location);
    const host = url.searchParams.get("host") ?? decodeURIComponent(url.host);
    return `${host || "localhost"}, schema ${url.searchParams.get("schema") ?? "public"}`;
  } catch {
    return location;
  }
}

/** Points of an SVG polyline for `values`, oldest first, filling `width` × `height` with the largest at the top. */
export function sparkline(values: number[], width: number, height: number): string {
  if (values.length < 2) return "";
  const top = Math.max(...values, 1);
  const step = width / (values.length - 1);
  return values.map((v, i) => `${round(i * step)},${round(height - (v / top) * (height - 2) - 1)}`).join(" ");
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}

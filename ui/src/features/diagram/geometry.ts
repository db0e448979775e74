export interface Point {
  x: number;
  y: number;
}

/** In canvas pixels. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A screen pixel is `canvas * zoom + offset`, as in @xyflow/react. */
export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

export function overlaps(a: Rect, b: Rect, gap = 0): boolean {
  return (
    a.x < b.x + b.width + gap &&
    b.x < a.x + a.width + gap &&
    a.y < b.y + b.height + gap &&
    b.y < a.y + a.height + gap
  );
}

export function boundsOf(rects: Iterable<Rect>): Rect | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const r of rects) {
    left = Math.min(left, r.x);
    top = Math.min(top, r.y);
    right = Math.max(right, r.x + r.width);
    bottom = Math.max(bottom, r.y + r.height);
  }
  return left > right ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

/** The part of the canvas that a window of that size shows, and `margin` screen pixels around it. */
export function shownRect(viewport: Viewport, width: number, height: number, margin = 0): Rect {
  return {
    x: (-viewport.x - margin) / viewport.zoom,
    y: (-viewport.y - margin) / viewport.zoom,
    width: (width + 2 * margin) / viewport.zoom,
    height: (height + 2 * margin) / viewport.zoom,
  };
}

// Rows of one fixed height under a scroll bar that may be shorter than they are: browsers cap an element near 33 million
// pixels (some at 17), so a longer list gets a scaled bar. An *offset* is a distance in rows-as-they-would-lie; a
// *scrollTop* is what the browser holds. Up to the cap the two are the same number.

export const ROW_HEIGHT = 28;
/** Tallest element we ask a browser for, in pixels. */
export const MAX_HEIGHT = 15_000_000;

export interface Scale {
  rows: number;
  /** Pixels in which rows are seen. */
  viewport: number;
  /** Height all rows would have. */
  content: number;
  /** Height of the element that gives the scroll bar its length. */
  height: number;
  maxOffset: number;
  maxScroll: number;
}

export function scaleOf(rows: number, viewport: number, cap = MAX_HEIGHT): Scale {
  const content = rows * ROW_HEIGHT;
  const height = Math.min(content, cap);
  return {
    rows,
    viewport,
    content,
    height,
    maxOffset: Math.max(0, content - viewport),
    maxScroll: Math.max(0, height - viewport),
  };
}

export function isScaled(scale: Scale): boolean {
  return scale.height < scale.content;
}

export function toOffset(scale: Scale, scrollTop: number): number {
  if (!isScaled(scale)) return clamp(scrollTop, 0, scale.maxOffset);
  if (scale.maxScroll === 0) return 0;
  return clamp((scrollTop / scale.maxScroll) * scale.maxOffset, 0, scale.maxOffset);
}

export function toScrollTop(scale: Scale, offset: number): number {
  if (!isScaled(scale)) return clamp(offset, 0, scale.maxScroll);
  if (scale.maxOffset === 0) return 0;
  return clamp((offset / scale.maxOffset) * scale.maxScroll, 0, scale.maxScroll);
}

/** First and last row to draw, both included; null when there are none. */
export function rowsAt(scale: Scale, offset: number, overscan = 6): [first: number, last: number] | null {
  if (scale.rows === 0) return null;
  const first = Math.floor(offset / ROW_HEIGHT) - overscan;
  const last = Math.ceil((offset + scale.viewport) / ROW_HEIGHT) - 1 + overscan;
  return [clamp(first, 0, scale.rows - 1), clamp(last, 0, scale.rows - 1)];
}

/** The offset nearest to the present one at which the row is wholly in view. */
export function reveal(scale: Scale, offset: number, row: number): number {
  const top = row * ROW_HEIGHT;
  const bottom = top + ROW_HEIGHT - scale.viewport;
  if (top < offset) return clamp(top, 0, scale.maxOffset);
  if (bottom > offset) return clamp(bottom, 0, scale.maxOffset);
  return offset;
}

/** Whole rows that fit: how far PageDown goes. */
export function pageRows(scale: Scale): number {
  return Math.max(1, Math.floor(scale.viewport / ROW_HEIGHT) - 1);
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

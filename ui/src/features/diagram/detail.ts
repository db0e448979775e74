// How much of the picture is drawn at which zoom: far away a card is one painted box, near it has its rows. Pure.
import { overlaps, type Rect, shownRect, type Viewport } from "./geometry";

/** Rows of a picture small enough to be drawn in full even from afar. */
const LITTLE = 500;

/**
 * Below this zoom cards are painted as boxes on one canvas. It depends on the size of the whole picture and not on
 * what happens to be in view, so that nothing flips while a person pans.
 */
export function farBelow(totalRows: number): number {
  if (totalRows <= LITTLE) return 0.34;
  return totalRows <= LITTLE * 4 ? 0.42 : 0.5;
}

/** The cards that draw their rows: those in the window and a little around it, so that panning finds them ready. */
export function cardsInView(
  rects: Iterable<readonly [string, Rect]>,
  viewport: Viewport,
  width: number,
  height: number,
): Set<string> {
  const shown = shownRect(viewport, width, height, 200);
  const ids = new Set<string>();
  for (const [id, rect] of rects) if (overlaps(rect, shown)) ids.add(id);
  return ids;
}

/** A pan shorter than the margin needs no new answer. */
export function movedEnough(last: Viewport | null, now: Viewport): boolean {
  return (
    last === null ||
    last.zoom !== now.zoom ||
    Math.abs(last.x - now.x) > 100 ||
    Math.abs(last.y - now.y) > 100
  );
}

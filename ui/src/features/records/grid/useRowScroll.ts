import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import {
  clamp,
  isScaled,
  ROW_HEIGHT,
  reveal,
  type Scale,
  scaleOf,
  toOffset,
  toScrollTop,
} from "../model/scroll";

export interface RowScroll {
  scale: Scale;
  /** How far down the rows we are, were they all laid out. */
  offset: number;
  /** Where a row's top lies in the layer of rows. Stays the same while the layer moves, so that rows are not drawn again. */
  topOf: (row: number) => number;
  /** Where the layer of rows lies in the element that gives the scroll bar its length. */
  layer: number;
  onScroll: () => void;
  showRow: (row: number) => void;
  toTop: () => void;
}

/** Pixels of one line of a mouse wheel that counts in lines. */
const LINE = 20;

/** Rows the layer is laid anew after, beyond the cap: places in it stay small enough to be exact. */
const STRETCH = 10_000;

/**
 * Scrolls rows of 28 px, of which there may be more than an element can be high. Up to the cap the browser scrolls;
 * beyond it the bar stands for a longer way, while wheel and keys still move by what a person expects.
 * `taken` is the height of what stays in place above and below the rows.
 */
export function useRowScroll(element: HTMLElement | null, rows: number, taken: number): RowScroll {
  const [height, setHeight] = useState(0);
  const [place, setPlace] = useState({ offset: 0, scrollTop: 0 });
  const scale = scaleOf(rows, Math.max(0, height - taken));
  const latest = useRef({ scale, place });
  latest.current = { scale, place };

  useLayoutEffect(() => {
    if (!element) return;
    // A new element begins at its top, whatever the one before was scrolled to.
    latest.current.place = { offset: 0, scrollTop: 0 };
    setPlace(latest.current.place);
    const measure = () => setHeight(element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);

  const goTo = useCallback(
    (offset: number) => {
      const { scale } = latest.current;
      const scrollTop = toScrollTop(scale, offset);
      if (element) element.scrollTop = scrollTop;
      const next = { offset: clamp(offset, 0, scale.maxOffset), scrollTop: element?.scrollTop ?? scrollTop };
      latest.current.place = next;
      setPlace(next);
    },
    [element],
  );

  const onScroll = useCallback(() => {
    const { scale, place } = latest.current;
    const scrollTop = element?.scrollTop ?? 0;
    // Beyond the cap a bar's pixel is many rows; our own move must not be read back as a coarser one.
    if (isScaled(scale) && Math.abs(scrollTop - place.scrollTop) < 1) return;
    const next = { offset: Math.round(toOffset(scale, scrollTop)), scrollTop };
    latest.current.place = next;
    setPlace(next);
  }, [element]);

  const scaled = isScaled(scale);
  useEffect(() => {
    if (!element || !scaled) return;
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      const unit = event.deltaMode === 1 ? LINE : event.deltaMode === 2 ? latest.current.scale.viewport : 1;
      element.scrollLeft += event.deltaX * unit;
      goTo(latest.current.place.offset + event.deltaY * unit);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [element, scaled, goTo]);

  // Fewer rows than before (a filter, a delete): stay within them.
  const offset = Math.min(place.offset, scale.maxOffset);
  const first = scaled ? Math.floor(offset / ROW_HEIGHT / STRETCH) * STRETCH : 0;
  return {
    scale,
    offset,
    topOf: (row) => (row - first) * ROW_HEIGHT,
    layer: scaled ? place.scrollTop - (offset - first * ROW_HEIGHT) : 0,
    onScroll,
    showRow: useCallback(
      (row: number) => {
        const { scale, place } = latest.current;
        const to = reveal(scale, place.offset, row);
        if (to !== place.offset) goTo(to);
      },
      [goTo],
    ),
    toTop: useCallback(() => goTo(0), [goTo]),
  };
}

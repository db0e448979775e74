import { useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import { cardsInView, farBelow, movedEnough } from "./detail";
import type { Placed } from "./edges";
import { type Rect, shownRect, type Viewport } from "./geometry";
import { nextFrame } from "./nextFrame";
import { setDiagram, useDiagram } from "./state";

/** Says which cards draw their rows. Follows the viewport at most once a frame, and not at all within a short pan. */
export function ViewWatcher(props: {
  placed: ReadonlyMap<string, Placed>;
  totalRows: number;
  onShown: (shown: Rect) => void;
}) {
  const store = useStoreApi();
  const { placed, totalRows, onShown } = props;
  useEffect(() => {
    let last: Viewport | null = null;
    let waiting: (() => void) | null = null;
    const look = () => {
      waiting = null;
      const { transform, width, height } = store.getState();
      const viewport = { x: transform[0], y: transform[1], zoom: transform[2] };
      if (width === 0 || !movedEnough(last, viewport)) return;
      last = viewport;
      const far = viewport.zoom < farBelow(totalRows);
      const inView = far ? new Set<string>() : cardsInView(placed, viewport, width, height);
      const now = useDiagram.getState();
      if (now.far !== far || !sameSet(now.inView, inView)) setDiagram({ far, inView });
      if (!far) onShown(shownRect(viewport, width, height, 200));
    };
    look();
    const off = store.subscribe((now, before) => {
      if (now.width !== before.width || now.height !== before.height) last = null;
      else if (now.transform === before.transform) return;
      waiting ??= nextFrame(look);
    });
    return () => {
      off();
      waiting?.();
    };
  }, [store, placed, totalRows, onShown]);
  return null;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const item of a) if (!b.has(item)) return false;
  return true;
}

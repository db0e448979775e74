import { getViewportForBounds, type useReactFlow, useStoreApi } from "@xyflow/react";
import { useCallback } from "react";
import { boundsOf, type Point, type Rect } from "./geometry";
import type { EntityNode } from "./nodes";

/** How near and far the canvas goes. */
export const ZOOM = { min: 0.02, max: 2.5 };

/** Free room around what is shown: the tools float over the lower edge. */
export const ROOM = { top: "40px", left: "40px", right: "40px", bottom: "84px" } as const;

export interface FitOptions {
  /** A share of the canvas on each side, or the room for all that floats over it unless told. */
  padding?: number;
  maxZoom: number;
  /** Milliseconds; at once unless told. */
  duration?: number;
}

/** Where the cards will lie once they have come to these places. */
export function boxesAt(places: ReadonlyMap<string, Point>, cards: ReadonlyMap<string, Rect>): Rect[] {
  return [...places].flatMap(([id, { x, y }]) => {
    const card = cards.get(id);
    return card ? [{ x, y, width: card.width, height: card.height }] : [];
  });
}

export type Show = (boxes: Iterable<Rect>, options: FitOptions) => boolean;

/**
 * Shows these boxes as large as they go. The library's own fit waits for a frame and gives up when the cards change
 * meanwhile; this one moves with the call. False when the canvas has no size yet or there is nothing to show.
 */
export function useShow(flow: ReturnType<typeof useReactFlow<EntityNode>>): Show {
  const store = useStoreApi();
  return useCallback(
    (boxes, { padding = ROOM, maxZoom, duration = 0 }) => {
      const { width, height, panZoom } = store.getState();
      const bounds = boundsOf(boxes);
      if (width === 0 || height === 0 || panZoom === null || bounds === null) return false;
      void flow.setViewport(getViewportForBounds(bounds, width, height, ZOOM.min, maxZoom, padding), {
        duration,
      });
      return true;
    },
    [flow, store],
  );
}

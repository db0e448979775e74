import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { useView } from "../../shared";
import css from "./diagram.module.css";
import type { Viewport } from "./geometry";
import { nextFrame } from "./nextFrame";
import { paintFar, readPalette, type Scene } from "./paint";
import { paintNear } from "./paintNear";
import { useDiagram } from "./state";

/** Painted around the window as well, in screen pixels: a pan within it only shifts the picture. */
const MARGIN = 240;
/** A picture that takes longer than this is scaled while the zoom moves, and painted once it rests. */
const SLOW_MS = 9;

/**
 * Everything that is not a card, painted on one canvas beneath them: lines and dots, and from afar the cards too, as
 * boxes, while their nodes lie empty above for pointer and keys.
 */
export function Underlay({ scene, scheme }: { scene: Scene; scheme: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  const far = useDiagram((s) => s.far);
  const live = useRef(scene);
  live.current = scene;
  const repaint = useRef<() => void>(() => undefined);

  useEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext("2d");
    if (!element || !ctx) return;
    let painted: (Viewport & { width: number; height: number }) | null = null;
    let cost = 0;
    let waiting: (() => void) | null = null;
    let rest: ReturnType<typeof setTimeout> | undefined;

    const fresh = () => {
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      const ratio = window.devicePixelRatio || 1;
      const [w, h] = [width + 2 * MARGIN, height + 2 * MARGIN];
      if (element.width !== Math.round(w * ratio) || element.height !== Math.round(h * ratio)) {
        element.width = Math.round(w * ratio);
        element.height = Math.round(h * ratio);
        element.style.width = `${w}px`;
        element.style.height = `${h}px`;
      }
      const start = performance.now();
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      const paint = far ? paintFar : paintNear;
      paint(ctx, live.current, readPalette(element), { x: x + MARGIN, y: y + MARGIN, zoom }, w, h);
      cost = performance.now() - start;
      painted = { x, y, zoom, width, height };
      element.style.transform = `translate(${-MARGIN}px, ${-MARGIN}px)`;
    };
    const follow = () => {
      waiting = null;
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      if (!painted || painted.width !== width || painted.height !== height) return fresh();
      const scale = zoom / painted.zoom;
      const dx = x - painted.x * scale;
      const dy = y - painted.y * scale;
      const inside = Math.abs(dx) <= MARGIN && Math.abs(dy) <= MARGIN;
      if (scale === 1 ? !inside : cost < SLOW_MS) return fresh();
      element.style.transform = `translate(${dx - MARGIN * scale}px, ${dy - MARGIN * scale}px) scale(${scale})`;
      if (scale === 1) return;
      clearTimeout(rest);
      rest = setTimeout(fresh, 90);
    };
    const ask = () => {
      waiting ??= nextFrame(follow);
    };
    repaint.current = () => {
      painted = null;
      ask();
    };
    fresh();
    const off = store.subscribe((now, before) => {
      if (now.transform !== before.transform || now.width !== before.width || now.height !== before.height)
        ask();
    });
    return () => {
      off();
      waiting?.();
      clearTimeout(rest);
      repaint.current = () => undefined;
    };
  }, [far, store]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new scene, or new colours, ask for a new picture
  useEffect(() => repaint.current(), [scene, scheme]);

  return <canvas ref={canvas} className={css.underlay} aria-hidden />;
}

/** What the painter marks, besides the cards and lines themselves. */
export function useMarks(): { activeEdge: string | null } {
  const hovered = useDiagram((s) => s.hoveredEdge);
  const selection = useView((s) => s.selection);
  return { activeEdge: hovered ?? (selection?.kind === "relationship" ? selection.relationship : null) };
}

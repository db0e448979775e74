// Drawing a relationship with the pointer: pressed on a handle, let go over an entity.
import type { PointerEvent } from "react";
import type { Point } from "./geometry";
import { setDiagram, useDiagram } from "./state";

/** From screen to canvas; the canvas puts its own in place while it is mounted. */
let toCanvas: (at: Point) => Point = (at) => at;
export function setToCanvas(convert: (at: Point) => Point): void {
  toCanvas = convert;
}

/** Less than this is a click: then the next click picks the target. In screen pixels. */
const CLICK = 6;

/** The entity whose card lies under a point of the screen. */
export function entityAt(x: number, y: number): string | null {
  const hit = document.elementFromPoint(x, y)?.closest<HTMLElement>(".react-flow__node");
  return hit?.dataset.id ?? null;
}

export function followPointer(x: number, y: number): void {
  setDiagram(({ drawing }) =>
    drawing ? { drawing: { ...drawing, pointer: toCanvas({ x, y }), over: entityAt(x, y) } } : {},
  );
}

export function beginDrawing(event: PointerEvent, source: string): void {
  if (event.button !== 0) return;
  event.preventDefault();
  event.stopPropagation();
  const start = { x: event.clientX, y: event.clientY };
  setDiagram({ drawing: { source, pointer: toCanvas(start), over: null }, joining: null, editing: null });
  const move = (e: globalThis.PointerEvent) => followPointer(e.clientX, e.clientY);
  const up = (e: globalThis.PointerEvent) => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", up);
    window.removeEventListener("pointercancel", up);
    if (useDiagram.getState().drawing === null) return;
    if (Math.hypot(e.clientX - start.x, e.clientY - start.y) < CLICK) return;
    const target = e.type === "pointerup" ? entityAt(e.clientX, e.clientY) : null;
    if (target) setDiagram({ drawing: null, joining: { source, target } });
    else setDiagram({ drawing: null });
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", up);
  window.addEventListener("pointercancel", up);
}

/** The mode in which entities are picked one after the other, by click or Enter. */
export function pickForDrawing(entity: string): boolean {
  const { drawing } = useDiagram.getState();
  if (!drawing) return false;
  if (drawing.source === null) setDiagram({ drawing: { ...drawing, source: entity } });
  else setDiagram({ drawing: null, joining: { source: drawing.source, target: entity } });
  return true;
}

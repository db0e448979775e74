import { type KeyboardEvent, type PointerEvent, useState } from "react";
import css from "./components.module.css";

/** The line between two columns: drag it, or focus it and use the arrow keys; double click gives the standard width. */
export function ResizeHandle(props: {
  label: string;
  /** Which side of the line the panel is on. */
  side: "left" | "right";
  width: number;
  min: number;
  max: number;
  standard: number;
  onChange: (width: number) => void;
}) {
  const [dragging, setDragging] = useState(false);
  const sign = props.side === "left" ? 1 : -1;
  const set = (width: number) => props.onChange(Math.round(Math.min(props.max, Math.max(props.min, width))));

  const onPointerDown = (down: PointerEvent<HTMLDivElement>) => {
    down.preventDefault();
    const target = down.currentTarget;
    const start = down.clientX;
    const width = props.width;
    target.setPointerCapture(down.pointerId);
    setDragging(true);
    const move = (event: globalThis.PointerEvent) => set(width + sign * (event.clientX - start));
    const up = () => {
      setDragging(false);
      target.removeEventListener("pointermove", move);
    };
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", up, { once: true });
    target.addEventListener("pointercancel", up, { once: true });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 64 : 16;
    if (event.key === "ArrowRight") set(props.width + sign * step);
    else if (event.key === "ArrowLeft") set(props.width - sign * step);
    else if (event.key === "Home") set(props.min);
    else if (event.key === "End") set(props.max);
    else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator is what a splitter is; <hr> cannot be one
    <div
      className={css.handle}
      role="separator"
      aria-orientation="vertical"
      aria-label={props.label}
      aria-valuenow={props.width}
      aria-valuemin={props.min}
      aria-valuemax={props.max}
      tabIndex={0}
      data-dragging={dragging || undefined}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onDoubleClick={() => set(props.standard)}
    />
  );
}

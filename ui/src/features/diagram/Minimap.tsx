import { useReactFlow, useStore } from "@xyflow/react";
import { type PointerEvent, useEffect, useMemo, useRef } from "react";
import css from "./diagram.module.css";
import type { Placed } from "./edges";
import { boundsOf } from "./geometry";
import { nextFrame } from "./nextFrame";
import { readPalette } from "./paint";

const WIDTH = 176;
const HEIGHT = 112;
const INSET = 2;

/** From canvas to map: `canvas * scale + offset`. */
interface MapView {
  scale: number;
  x: number;
  y: number;
}

/** The whole picture in a corner, painted once; press or drag in it to go there. */
export function Minimap({ placed, scheme }: { placed: ReadonlyMap<string, Placed>; scheme: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { setCenter, getZoom } = useReactFlow();
  const view = useMemo((): MapView | null => {
    const bounds = boundsOf(placed.values());
    if (!bounds) return null;
    const scale = Math.min((WIDTH - 16) / bounds.width, (HEIGHT - 16) / bounds.height, 0.2);
    return {
      scale,
      x: WIDTH / 2 - (bounds.x + bounds.width / 2) * scale,
      y: HEIGHT / 2 - (bounds.y + bounds.height / 2) * scale,
    };
  }, [placed]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes what the tokens say
  useEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext("2d");
    if (!element || !ctx || !view) return;
    // A frame later, when the page has the colours of a changed scheme.
    return nextFrame(() => paintMap(element, ctx, placed, view));
  }, [placed, view, scheme]);

  if (!view) return null;
  const go = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.left - view.x) / view.scale;
    const y = (event.clientY - box.top - view.y) / view.scale;
    void setCenter(x, y, { zoom: getZoom() });
  };
  return (
    <div
      className={css.minimap}
      role="img"
      aria-label="Minimap"
      style={{ width: WIDTH, height: HEIGHT }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && go(event)}
    >
      <canvas ref={canvas} style={{ width: WIDTH, height: HEIGHT }} />
      <Frame view={view} />
    </div>
  );
}

function paintMap(
  element: HTMLCanvasElement,
  ctx: CanvasRenderingContext2D,
  placed: ReadonlyMap<string, Placed>,
  view: MapView,
): void {
  const ratio = window.devicePixelRatio || 1;
  element.width = WIDTH * ratio;
  element.height = HEIGHT * ratio;
  const palette = readPalette(element);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, WIDTH, HEIGHT);
  for (const { x, y, width, height, card } of placed.values()) {
    const box = [
      x * view.scale + view.x,
      y * view.scale + view.y,
      Math.max(2, width * view.scale),
      Math.max(2, height * view.scale),
    ] as const;
    if (card.mode === "dedicated") {
      ctx.fillStyle = palette.stone;
      ctx.fillRect(...box);
    } else {
      ctx.fillStyle = palette.claySoft;
      ctx.fillRect(...box);
      ctx.strokeStyle = palette.clay;
      ctx.lineWidth = 0.75;
      ctx.strokeRect(...box);
    }
  }
}

/** What the window shows; the only part that follows the viewport. */
function Frame({ view }: { view: MapView }) {
  const transform = useStore((s) => s.transform);
  const width = useStore((s) => s.width);
  const height = useStore((s) => s.height);
  const [x, y, zoom] = transform;
  const k = view.scale / zoom;
  // Kept inside the map: a window that shows more than the map does frames all of it.
  const within = (at: number, room: number) => Math.max(INSET, Math.min(room - INSET, at));
  const left = within(view.x - x * k, WIDTH);
  const top = within(view.y - y * k, HEIGHT);
  const right = within(view.x + (width - x) * k, WIDTH);
  const bottom = within(view.y + (height - y) * k, HEIGHT);
  return (
    <span
      className={css.minimapFrame}
      style={{ transform: `translate(${left}px, ${top}px)`, width: right - left, height: bottom - top }}
    />
  );
}

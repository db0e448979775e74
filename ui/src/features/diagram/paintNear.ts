// What lies beneath the cards when they are near: the dots of the canvas, and the lines with their feet. The cards
// themselves are DOM; a line becomes DOM only while it is looked at (EdgeLayer.tsx).
import { endMarks, isLong, linePath, type Route, routeBox } from "./edges";
import { overlaps, shownRect, type Viewport } from "./geometry";
import type { Palette, Scene } from "./paint";

const DOT_GAP = 24;
/** Closer than this on the screen dots are only a haze. */
const DOT_MIN = 11;

export function paintNear(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  viewport: Viewport,
  width: number,
  height: number,
): void {
  ctx.clearRect(0, 0, width, height);
  paintDots(ctx, palette, viewport, width, height);
  const shown = shownRect(viewport, width, height);
  const visible = scene.routes.filter((route) => overlaps(routeBox(route), shown));
  ctx.save();
  ctx.translate(viewport.x, viewport.y);
  ctx.scale(viewport.zoom, viewport.zoom);
  ctx.lineJoin = "round";
  ctx.lineWidth = 1.25;
  for (const long of [true, false]) {
    for (const enforced of [false, true]) {
      const some = visible.filter((r) => isLong(r) === long && scene.enforced.has(r.id) === enforced);
      if (some.length === 0) continue;
      ctx.strokeStyle = enforced ? palette.stone : palette.clay;
      ctx.globalAlpha = long ? 0.45 : 1;
      ctx.stroke(new Path2D(some.map(linePath).join("")));
      ctx.globalAlpha = 1;
      const { strokes, rings } = marksOf(some, scene);
      const ring = new Path2D(rings);
      ctx.fillStyle = palette.canvas;
      ctx.fill(ring);
      ctx.stroke(ring);
      ctx.stroke(new Path2D(strokes));
    }
  }
  ctx.restore();
}

function marksOf(routes: readonly Route[], scene: Scene): { strokes: string; rings: string } {
  let strokes = "";
  let rings = "";
  for (const route of routes) {
    const edge = scene.edges.get(route.id);
    if (!edge) continue;
    for (const mark of [endMarks(route.from, edge.fromEnd), endMarks(route.to, edge.toEnd)]) {
      strokes += mark.strokes;
      rings += mark.ring;
    }
  }
  return { strokes, rings };
}

function paintDots(
  ctx: CanvasRenderingContext2D,
  palette: Palette,
  viewport: Viewport,
  width: number,
  height: number,
): void {
  const gap = DOT_GAP * viewport.zoom;
  if (gap < DOT_MIN) return;
  const size = viewport.zoom > 0.8 ? 2 : 1.5;
  const startX = ((viewport.x % gap) + gap) % gap;
  const startY = ((viewport.y % gap) + gap) % gap;
  ctx.fillStyle = palette.dot;
  ctx.beginPath();
  for (let x = startX; x < width; x += gap) {
    for (let y = startY; y < height; y += gap) ctx.rect(x - size / 2, y - size / 2, size, size);
  }
  ctx.fill();
}

// The picture from afar, painted on one canvas: a thousand tables cost a thousand rectangles, not a thousand trees of DOM.
import type { Edge, Placed, Route } from "./edges";
import { isLong, out, routeBox, STUB } from "./edges";
import { overlaps, shownRect, type Viewport } from "./geometry";
import type { Moving } from "./state";

/** The tokens the painter needs, read once from the page for a colour scheme. */
export interface Palette {
  panel: string;
  text: string;
  muted: string;
  clay: string;
  claySoft: string;
  stone: string;
  stoneSoft: string;
  canvas: string;
  dot: string;
  font: string;
}

export interface Scene {
  placed: ReadonlyMap<string, Placed>;
  routes: readonly Route[];
  edges: ReadonlyMap<string, Edge>;
  enforced: ReadonlySet<string>;
  /** Cards drawn with a strong outline. */
  selected: ReadonlySet<string>;
  /** The one edge that is selected or under the pointer. */
  activeEdge: string | null;
  moving: ReadonlyMap<string, Moving>;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    panel: token("--sw-panel"),
    text: token("--sw-text"),
    muted: token("--sw-muted"),
    clay: token("--sw-clay"),
    claySoft: token("--sw-clay-soft"),
    stone: token("--sw-stone"),
    stoneSoft: token("--sw-stone-soft"),
    canvas: token("--sw-canvas"),
    dot: token("--sw-grid-dot"),
    font: token("--sw-font") || "sans-serif",
  };
}

/** Paints the picture from afar: what the viewport shows, onto `width` by `height` screen pixels. */
export function paintFar(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  viewport: Viewport,
  width: number,
  height: number,
): void {
  const shown = shownRect(viewport, width, height);
  ctx.clearRect(0, 0, width, height);
  ctx.save();
  ctx.translate(viewport.x, viewport.y);
  ctx.scale(viewport.zoom, viewport.zoom);
  const hair = 1 / viewport.zoom;
  paintEdges(ctx, scene, palette, hair, (route) => overlaps(routeBox(route), shown));
  for (const card of scene.placed.values()) {
    if (overlaps(card, shown)) paintCard(ctx, card, scene, palette, hair);
  }
  ctx.restore();
  paintTitles(ctx, scene, palette, viewport, (card) => overlaps(card, shown));
}

function paintEdges(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  hair: number,
  visible: (route: Route) => boolean,
): void {
  // Four strokes in all, however many lines there are.
  for (const long of [true, false]) {
    for (const enforced of [false, true]) {
      ctx.beginPath();
      for (const route of scene.routes) {
        if (isLong(route) !== long || scene.enforced.has(route.id) !== enforced) continue;
        if (visible(route)) trace(ctx, route);
      }
      ctx.globalAlpha = long ? 0.3 : 0.75;
      ctx.lineWidth = hair;
      ctx.strokeStyle = enforced ? palette.stone : palette.clay;
      ctx.stroke();
    }
  }
  ctx.globalAlpha = 1;
  const active = scene.activeEdge && scene.routes.find((r) => r.id === scene.activeEdge);
  if (!active) return;
  ctx.beginPath();
  trace(ctx, active);
  ctx.lineWidth = 2.5 * hair;
  ctx.strokeStyle = palette.text;
  ctx.stroke();
}

function trace(ctx: CanvasRenderingContext2D, { from, to, c1, c2 }: Route): void {
  const a = out(from, STUB);
  const b = out(to, STUB);
  ctx.moveTo(from.x, from.y);
  ctx.lineTo(a.x, a.y);
  ctx.bezierCurveTo(c1.x, c1.y, c2.x, c2.y, b.x, b.y);
  ctx.lineTo(to.x, to.y);
}

function paintCard(
  ctx: CanvasRenderingContext2D,
  placed: Placed,
  scene: Scene,
  palette: Palette,
  hair: number,
): void {
  const { x, y, width, height, card } = placed;
  const shared = card.mode === "shared";
  const selected = scene.selected.has(card.id);
  // Filled is dedicated, hollow and dashed is shared: the shape tells it as well as the colour.
  ctx.fillStyle = shared ? palette.claySoft : palette.stoneSoft;
  ctx.fillRect(x, y, width, height);
  const moving = scene.moving.get(card.id);
  if (moving) {
    ctx.fillStyle = moving.to === "stone" ? palette.stone : palette.clay;
    ctx.globalAlpha = 0.45;
    ctx.fillRect(x, y, width * moving.share, height);
    ctx.globalAlpha = 1;
  }
  ctx.strokeStyle = shared ? palette.clay : palette.stone;
  ctx.lineWidth = (selected ? 3 : 1.2) * hair;
  ctx.setLineDash(shared && !selected && width / hair > 24 ? [4 * hair, 3 * hair] : []);
  ctx.strokeRect(x, y, width, height);
  ctx.setLineDash([]);
}

/** Titles keep a legible size on the screen, as long as the box has room for a few letters. */
function paintTitles(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  viewport: Viewport,
  visible: (card: Placed) => boolean,
): void {
  ctx.textBaseline = "middle";
  ctx.textAlign = "center";
  ctx.fillStyle = palette.text;
  const size = Math.max(9, Math.min(12, 34 * viewport.zoom));
  ctx.font = `600 ${size}px ${palette.font}`;
  const letter = size * 0.6;
  for (const placed of scene.placed.values()) {
    const width = placed.width * viewport.zoom - 6;
    const height = placed.height * viewport.zoom;
    const letters = Math.floor(width / letter);
    if (letters < 6 || height < size + 1 || !visible(placed)) continue;
    const x = placed.x * viewport.zoom + viewport.x + (placed.width * viewport.zoom) / 2;
    const y = placed.y * viewport.zoom + viewport.y + height / 2;
    const lines = titleLines(placed.card.title, letters, Math.max(1, Math.floor(height / (size + 2))));
    lines.forEach((line, i) => {
      ctx.fillText(line, x, y + (i - (lines.length - 1) / 2) * (size + 2), width + 4);
    });
  }
}

/** Breaks a title at its word ends into at most `most` lines (three at the utmost), the last one ellipsised. */
export function titleLines(title: string, letters: number, most: number): string[] {
  const words = title.split(/(?<=[\s_-])|(?<=\p{Ll})(?=\p{Lu})/u);
  const lines: string[] = [];
  for (const word of words) {
    const last = lines[lines.length - 1];
    if (last !== undefined && (last + word).trimEnd().length <= letters)
      lines[lines.length - 1] = last + word;
    else lines.push(word);
  }
  const allowed = Math.min(3, most);
  const kept = lines.slice(0, allowed).map((line) => line.trim());
  return kept.map((line, i) => {
    const cut = line.length > letters;
    const more = i === allowed - 1 && lines.length > allowed;
    return cut || more ? `${line.slice(0, Math.max(1, letters - 1))}…` : line;
  });
}

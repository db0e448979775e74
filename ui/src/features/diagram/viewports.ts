// The part of the picture last looked at, by workspace: a tab away and back, or a restart, finds it again.
import type { Viewport } from "./geometry";

const key = (location: string) => `stoneware.viewport:${location}`;

export function keptViewport(location: string): Viewport | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key(location)) ?? "null") as Viewport | null;
    return kept && Number.isFinite(kept.zoom + kept.x + kept.y) ? kept : undefined;
  } catch {
    return undefined;
  }
}

export function keepViewport(location: string, viewport: Viewport): void {
  localStorage.setItem(key(location), JSON.stringify(viewport));
}

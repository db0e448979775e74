import type { Platform } from "./platform";
import { tauri } from "./tauri";

export type { FileDialog, Platform } from "./platform";

let current: Platform = tauri;

export function platform(): Platform {
  return current;
}

/** For tests: replaces the system by a stand-in. */
export function setPlatform(replacement: Platform): void {
  current = replacement;
}

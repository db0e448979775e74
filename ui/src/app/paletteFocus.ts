import { spotlight } from "@mantine/spotlight";

export const PALETTE_NAME = "Commands and entities";

let before: Element | null = null;

/** Opens the palette and remembers where the keyboard was. */
export function openPalette(): void {
  const now = document.activeElement;
  if (!now?.closest(`[aria-label="${PALETTE_NAME}"]`)) before = now;
  spotlight.open();
}

/**
 * Gives the keyboard back. Before a command runs, not after: what the command opens takes the keyboard for itself, and
 * an editor that loses it again would think that the person has gone elsewhere.
 */
export function leavePalette(): void {
  const now = document.activeElement;
  const held = !now || now === document.body || now.closest(`[aria-label="${PALETTE_NAME}"]`);
  if (held && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  else if (held && now instanceof HTMLElement) now.blur();
  before = null;
}

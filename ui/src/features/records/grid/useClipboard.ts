import { type RefObject, useCallback, useRef } from "react";

/**
 * Copy and paste on cells, which are not text fields. A hidden text field takes the keyboard for the moment the system
 * needs one: every web view gives a text field its clipboard, and none asks for a permission.
 */
export function useClipboard(back: () => void): {
  field: RefObject<HTMLTextAreaElement | null>;
  copy: (text: string) => void;
  /** Call on the key press; the text comes with the paste that follows it. */
  awaitPaste: (take: (text: string) => void) => void;
  onPaste: (event: {
    preventDefault: () => void;
    clipboardData: { getData: (type: string) => string };
  }) => void;
} {
  const field = useRef<HTMLTextAreaElement>(null);
  const taker = useRef<((text: string) => void) | null>(null);

  const copy = useCallback(
    (text: string) => {
      const element = field.current;
      if (!element) return;
      element.value = text;
      element.focus({ preventScroll: true });
      element.select();
      // Deprecated, but the only way that works in every web view without asking; the newer one follows where it exists.
      const done = document.execCommand?.("copy");
      element.value = "";
      back();
      if (!done) void navigator.clipboard?.writeText(text).catch(() => undefined);
    },
    [back],
  );

  const awaitPaste = useCallback(
    (take: (text: string) => void) => {
      taker.current = take;
      field.current?.focus({ preventScroll: true });
      setTimeout(() => {
        if (document.activeElement === field.current) back();
      }, 50);
    },
    [back],
  );

  const onPaste = useCallback(
    (event: { preventDefault: () => void; clipboardData: { getData: (type: string) => string } }) => {
      event.preventDefault();
      const take = taker.current;
      taker.current = null;
      back();
      take?.(event.clipboardData.getData("text/plain"));
    },
    [back],
  );
  return { field, copy, awaitPaste, onPaste };
}

import { type KeyboardEvent, type RefObject, useCallback } from "react";
import { runAction } from "../../actions";
import { selectedEntity, usePrefs, useView } from "../../shared";
import { pickForDrawing } from "./startDrawing";
import { setDiagram, stepBack } from "./state";

function isTyping(target: EventTarget): boolean {
  return (
    target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null
  );
}

/**
 * Keys that mean something only while the canvas has the focus. Taken before the nodes see them, since Enter and Esc
 * mean other things to a node.
 */
export function useCanvasKeys(
  frame: RefObject<HTMLDivElement | null>,
  nudge: () => void,
  /** The entities selected on the canvas. */
  chosen: () => string[],
) {
  return useCallback(
    (event: KeyboardEvent) => {
      if (isTyping(event.target)) return;
      const node = (event.target as Element).closest<HTMLElement>(".react-flow__node")?.dataset.id;
      const { selection, select } = useView.getState();
      const entity = node ?? selectedEntity(selection);
      const used = () => {
        event.preventDefault();
        event.stopPropagation();
      };
      if (event.key === "Escape") {
        if (stepBack()) used();
        else if (selection) {
          used();
          select(null);
          frame.current?.querySelector<HTMLElement>(".react-flow__pane")?.focus();
        }
      } else if (event.key === "Enter" && node) {
        used();
        if (pickForDrawing(node)) return;
        select({ kind: "entity", entity: node });
        usePrefs.getState().set({ rightOpen: true });
        requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-inspector-title]")?.focus());
      } else if (event.key === "F2" && entity) {
        used();
        setDiagram({ editing: { kind: "title", entity } });
      } else if (event.key === "Delete" || event.key === "Backspace") {
        if (selection?.kind === "relationship") {
          used();
          runAction("relationship.drop", { relationship: selection.relationship });
        } else if (entity) {
          used();
          const all = chosen();
          runAction("entity.drop", all.includes(entity) ? { entity, entities: all } : { entity });
        }
      } else if (event.key.startsWith("Arrow") && node) {
        nudge();
      }
    },
    [frame, nudge, chosen],
  );
}

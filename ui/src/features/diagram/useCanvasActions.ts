import type { useReactFlow } from "@xyflow/react";
import { type RefObject, useEffect } from "react";
import { useActions } from "../../actions";
import { selectedEntity, useView } from "../../shared";
import { DRAFT } from "./DraftCard";
import type { Placed } from "./edges";
import { boxesAt, type Show } from "./fit";
import type { Point } from "./geometry";
import { freePlace } from "./layout";
import { nextFrame } from "./nextFrame";
import type { EntityNode } from "./nodes";
import { setDiagram, useDiagram } from "./state";

/** Below this zoom text on a card cannot be read. */
const LEGIBLE = 0.55;
const NEAR = 0.8;

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const smooth = () => ({ duration: still() ? 0 : 160 });

/** The commands that need the canvas itself. Those that only ask for it are in useDiagramActions. */
export function useCanvasActions(canvas: {
  flow: ReturnType<typeof useReactFlow<EntityNode>>;
  show: Show;
  frame: RefObject<HTMLDivElement | null>;
  placed: ReadonlyMap<string, Placed>;
  nodes: readonly EntityNode[];
  tidy: () => Promise<ReadonlyMap<string, Point> | null>;
}) {
  const { flow, show, frame, placed, nodes } = canvas;
  const wanted = useDiagram((s) => s.wanted);

  /** Names are typed at a size one can read: from afar the canvas comes nearer first. */
  const bringNear = (x: number, y: number) =>
    void flow.setCenter(x + DRAFT.width / 2, y + 60, { zoom: Math.max(NEAR, flow.getZoom()), ...smooth() });

  /** A new card at a point of the screen, its title bar under the pointer. */
  const draftAt = (x: number, y: number) => {
    const at = flow.screenToFlowPosition({ x, y });
    const place = { x: Math.round(at.x - DRAFT.width / 2), y: Math.round(at.y - 18) };
    setDiagram({ drafting: place, drawing: null, joining: null, editing: null });
    if (flow.getZoom() < LEGIBLE) bringNear(place.x, place.y);
  };
  const draftInTheMiddle = () => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return;
    const middle = flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2.6 });
    const wish = { x: middle.x - DRAFT.width / 2, y: middle.y - DRAFT.height / 2 };
    const at = freePlace(wish, { width: DRAFT.width, height: 140 }, [...placed.values()]);
    setDiagram({ drafting: at, drawing: null, joining: null, editing: null });
    const screen = flow.flowToScreenPosition(at);
    const inside =
      screen.x > box.left && screen.x < box.right - 240 && screen.y > box.top && screen.y < box.bottom - 160;
    if (!inside || flow.getZoom() < LEGIBLE) bringNear(at.x, at.y);
  };
  const startDrawing = () => {
    const { selection } = useView.getState();
    const source = selectedEntity(selection);
    setDiagram({
      drawing: { source: source && placed.has(source) ? source : null, pointer: null, over: null },
      drafting: null,
      joining: null,
      editing: null,
    });
  };

  const editing = useDiagram((s) => s.editing);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at once, when the editing begins
  useEffect(() => {
    const card = editing ? placed.get(editing.entity) : undefined;
    if (!card || flow.getZoom() >= LEGIBLE) return;
    bringNear(card.x, editing?.kind === "title" ? card.y : card.y + card.height / 2);
  }, [editing]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: answered once, with what is there then
  useEffect(() => {
    if (!wanted) return;
    // The canvas may have come with this very wish: it has its size only a frame later.
    return nextFrame(() => {
      setDiagram({ wanted: null });
      if (wanted === "entity") draftInTheMiddle();
      else startDrawing();
    });
  }, [wanted]);

  useActions("canvas", [
    {
      id: "diagram.tidy",
      writes: true,
      label: "Tidy the diagram",
      group: "Diagram",
      keys: "shift+T",
      keywords: "layout arrange automatic",
      when: () => nodes.length > 0,
      run: () =>
        void canvas.tidy().then((places) => {
          if (places) show(boxesAt(places, placed), { maxZoom: 1, ...smooth() });
        }),
    },
    {
      id: "diagram.fit",
      label: "Fit the diagram",
      group: "Diagram",
      keys: "shift+1 shift+!",
      keywords: "zoom all",
      run: () => void show(placed.values(), { maxZoom: 1, ...smooth() }),
    },
    {
      id: "diagram.fitSelection",
      label: "Fit selection",
      group: "Diagram",
      keys: "shift+2 shift+@",
      when: () => nodes.some((n) => n.selected),
      run: () => {
        const chosen = nodes.filter((n) => n.selected).flatMap((n) => placed.get(n.id) ?? []);
        show(chosen, { padding: 0.4, maxZoom: 1.2, ...smooth() });
      },
    },
    {
      id: "diagram.zoomIn",
      label: "Zoom in",
      group: "Diagram",
      keys: "mod+= mod+[plus] mod+shift+[plus]",
      run: () => void flow.zoomIn(smooth()),
    },
    {
      id: "diagram.zoomOut",
      label: "Zoom out",
      group: "Diagram",
      keys: "mod+-",
      run: () => void flow.zoomOut(smooth()),
    },
    {
      id: "diagram.zoom100",
      label: "Zoom to 100%",
      group: "Diagram",
      keys: "mod+0 shift+0 shift+)",
      run: () => void flow.zoomTo(1, smooth()),
    },
  ]);

  return {
    draftAt,
    /** From a box painted afar to its card. */
    comeTo: (node: EntityNode) => {
      const card = placed.get(node.id);
      if (card) show([card], { padding: 0.4, maxZoom: 1, ...smooth() });
    },
    leave: () => {
      setDiagram({ drawing: null, joining: null, editing: null });
      useView.getState().select(null);
    },
  };
}

import { applyNodeChanges, type NodeChange, useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useMoveNodes } from "../../api";
import { selectedEntity, toastError, useView } from "../../shared";
import type { Card } from "./cards";
import type { Point } from "./geometry";
import { type EntityNode, toNodes } from "./nodes";

/** So long after the last arrow key the move is saved: a burst of them is one step of undo. */
const REST_MS = 500;

/**
 * The nodes as the canvas holds them: from the engine, and in the hand while they are dragged. Selection goes both
 * ways between the canvas and the window.
 */
export function useNodes(cards: readonly Card[], positions: ReadonlyMap<string, Point>) {
  const [nodes, setNodes] = useState<EntityNode[]>(() => toNodes(cards, positions));
  const move = useMoveNodes();
  const rest = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const nudged = useRef(new Set<string>());
  const latest = useRef(nodes);
  latest.current = nodes;

  useEffect(() => setNodes((before) => toNodes(cards, positions, before)), [cards, positions]);

  const save = useCallback(
    (moved: readonly EntityNode[]) => {
      const places = moved.map((n) => ({
        entity: n.id,
        x: Math.round(n.position.x),
        y: Math.round(n.position.y),
      }));
      if (places.length === 0) return;
      move.mutate([places], { onError: (error) => toastError(error, "The move could not be saved") });
    },
    [move.mutate],
  );

  /** Saves what arrow keys have moved, once they rest. */
  const nudge = useCallback(() => {
    clearTimeout(rest.current);
    rest.current = setTimeout(() => {
      const ids = nudged.current;
      nudged.current = new Set();
      save(latest.current.filter((n) => ids.has(n.id)));
    }, REST_MS);
  }, [save]);

  const onNodesChange = useCallback(
    (changes: NodeChange<EntityNode>[]) => {
      for (const change of changes) {
        if (change.type === "position" && change.dragging === false && change.position) {
          const before = latest.current.find((n) => n.id === change.id);
          // A drag ends with its own event; a change that no hand holds came from the arrow keys.
          if (before && !before.dragging) {
            nudged.current.add(change.id);
            nudge();
          }
        }
      }
      const kept = changes.filter((c) => c.type !== "dimensions" && c.type !== "remove");
      if (kept.length === 0) return;
      const next = applyNodeChanges(kept, latest.current);
      latest.current = next;
      setNodes(next);
      if (kept.some((c) => c.type === "select")) tellSelection(next);
    },
    [nudge],
  );

  const onDragStop = useCallback(
    (_: unknown, second: EntityNode | EntityNode[], third?: EntityNode[]) =>
      save(third ?? (Array.isArray(second) ? second : [second])),
    [save],
  );

  useSelectionFromOutside(latest, setNodes);
  const chosen = useCallback(() => latest.current.filter((n) => n.selected).map((n) => n.id), []);
  return { nodes, onNodesChange, onDragStop, nudge, chosen };
}

/** One selected card is what the window shows; several are marked together, none is nothing. */
function tellSelection(nodes: readonly EntityNode[]): void {
  useView.getState().mark(nodes.filter((n) => n.selected).map((n) => n.id));
}

/** What is selected in the tree or the palette is marked here, and brought into view. */
function useSelectionFromOutside(
  latest: { current: EntityNode[] },
  setNodes: (update: (before: EntityNode[]) => EntityNode[]) => void,
): void {
  const flow = useReactFlow<EntityNode>();
  const selection = useView((s) => s.selection);
  const marked = useView((s) => s.marked);
  const entity = selectedEntity(selection);
  const count = latest.current.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `count`: the card may come after it was selected
  useEffect(() => {
    const together = new Set(marked);
    const wanted = (id: string) => id === entity || together.has(id);
    if (latest.current.every((n) => (n.selected ?? false) === wanted(n.id))) return;
    const node = latest.current.find((n) => n.id === entity && !n.selected);
    setNodes((before) =>
      before.map((n) => (n.selected === wanted(n.id) ? n : { ...n, selected: wanted(n.id) })),
    );
    if (node) reveal(flow, node);
  }, [entity, marked, count, flow, setNodes]);
}

function reveal(flow: ReturnType<typeof useReactFlow<EntityNode>>, node: EntityNode): void {
  const frame = document.querySelector(".react-flow")?.getBoundingClientRect();
  if (!frame) return;
  const at = flow.flowToScreenPosition(node.position);
  const zoom = flow.getZoom();
  const inside =
    at.x >= frame.left &&
    at.y >= frame.top &&
    at.x + (node.width ?? 0) * zoom <= frame.right &&
    at.y + Math.min(node.height ?? 0, 120) * zoom <= frame.bottom;
  if (inside) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  void flow.setCenter(node.position.x + (node.width ?? 0) / 2, node.position.y + (node.height ?? 0) / 2, {
    zoom,
    duration: still ? 0 : 160,
  });
}

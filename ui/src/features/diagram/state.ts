// What the diagram is in the middle of: view state that no other feature needs.
import { create } from "zustand";
import type { FieldType, ReferentialAction, RelationshipType } from "../../api";
import { isReadOnly } from "../../shared";
import type { Point } from "./geometry";

/** What is edited in its place on the canvas. */
export type Editing =
  | { kind: "title"; entity: string }
  | { kind: "row"; entity: string; row: string; draft?: LineDraft }
  | { kind: "add"; entity: string; draft?: LineDraft };

/** What had been typed of a field before its plan was looked at. */
export interface LineDraft {
  name: string;
  type: FieldType;
}

/** A relationship being drawn: from an entity, to the pointer, over another entity when there is one beneath. */
export interface Drawing {
  /** Null in the mode "relationship" before the first entity is picked. */
  source: string | null;
  /** Where the pointer is, in canvas pixels; null while only keys were used. */
  pointer: Point | null;
  over: string | null;
}

/** What somebody has said of a relationship that is not made yet; what is left out follows from the rest. */
export interface JoinDraft {
  kind: RelationshipType;
  required: boolean;
  name?: string;
  inverse?: string;
  onDelete?: ReferentialAction;
}

interface Joining {
  source: string;
  target: string;
  /** Where the question goes on after its plan was looked at. */
  draft?: JoinDraft;
}

interface DiagramState {
  /** Whether cards are painted as boxes, and which cards draw their rows otherwise. */
  far: boolean;
  inView: ReadonlySet<string>;
  /** Cards that show all of their rows. */
  expanded: ReadonlySet<string>;
  editing: Editing | null;
  drawing: Drawing | null;
  /** Both ends are chosen: the popover asks for the rest. */
  joining: Joining | null;
  /** A new entity that has a place but no name yet. */
  drafting: Point | null;
  /** Somebody asked for a new entity while the canvas was not there to give it a place. */
  wanted: "entity" | "relationship" | null;
  hoveredEdge: string | null;
  hoveredCard: string | null;
  /** Entities whose records a running job is moving. */
  moving: ReadonlyMap<string, Moving>;
}

/** How much of an entity's records has moved, 0 to 1, and to which side. */
export interface Moving {
  share: number;
  to: "stone" | "clay";
}

const FRESH: Omit<DiagramState, "expanded"> = {
  far: false,
  inView: new Set(),
  editing: null,
  drawing: null,
  joining: null,
  drafting: null,
  wanted: null,
  hoveredEdge: null,
  hoveredCard: null,
  moving: new Map(),
};

export const useDiagram = create<DiagramState>(() => ({
  ...FRESH,
  expanded: new Set<string>(),
}));

/** Nothing that would end in a change is begun where the workspace may only be read. */
export const setDiagram: typeof useDiagram.setState = (patch) =>
  useDiagram.setState((now) => {
    const next = typeof patch === "function" ? patch(now) : patch;
    return isReadOnly() && (next.editing || next.drawing || next.joining || next.drafting || next.wanted)
      ? now
      : next;
  });

/** Whether something is edited, drawn or asked. */
export function canStepBack(): boolean {
  const { joining, drafting, editing, drawing } = useDiagram.getState();
  return Boolean(joining || drafting || editing || drawing);
}

/** One step back: out of what is edited, drawn or asked, whichever is innermost. True when there was something. */
export function stepBack(): boolean {
  const { joining, drafting, editing, drawing } = useDiagram.getState();
  if (joining) setDiagram({ joining: null, drawing: null });
  else if (drafting) setDiagram({ drafting: null });
  else if (editing) setDiagram({ editing: null });
  else if (drawing) setDiagram({ drawing: null });
  else return false;
  return true;
}

export function toggleExpanded(entity: string): void {
  setDiagram(({ expanded }) => {
    const next = new Set(expanded);
    if (!next.delete(entity)) next.add(entity);
    return { expanded: next };
  });
}

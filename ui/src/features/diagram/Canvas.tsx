import { useComputedColorScheme } from "@mantine/core";
import { ReactFlow, useReactFlow, useStore, ViewportPortal } from "@xyflow/react";
import { type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useContextMenu } from "../../actions";
import { type Schema, useWorkspace } from "../../api";
import { choosesMore, useReadOnly, useView } from "../../shared";
import type { Card } from "./cards";
import { DraftCard } from "./DraftCard";
import css from "./diagram.module.css";
import { DrawnLine, EdgeLayer } from "./EdgeLayer";
import { EntityNodeView } from "./EntityCard";
import { type Edge, type Placed, routeEdges } from "./edges";
import { boxesAt, type Show, useShow, ZOOM } from "./fit";
import type { Point, Rect } from "./geometry";
import { JoinPlace } from "./JoinPlace";
import { Minimap } from "./Minimap";
import { useMoving } from "./moving";
import { type EntityNode, placedOf } from "./nodes";
import { followPointer, pickForDrawing, setToCanvas } from "./startDrawing";
import { setDiagram, useDiagram } from "./state";
import { Toolbar } from "./Toolbar";
import { Underlay, useMarks } from "./Underlay";
import { useCanvasActions } from "./useCanvasActions";
import { useCanvasKeys } from "./useCanvasKeys";
import { useNodes } from "./useNodes";
import { ViewWatcher } from "./ViewWatcher";
import { keepViewport, keptViewport } from "./viewports";

const NODE_TYPES = { entity: EntityNodeView };
const NO_EDGES: never[] = [];

export function Canvas(props: {
  schema: Schema;
  cards: readonly Card[];
  edges: readonly Edge[];
  positions: ReadonlyMap<string, Point>;
  /** The places are only for show until the layout is done. */
  provisional: boolean;
  tidy: () => Promise<ReadonlyMap<string, Point> | null>;
  busy: boolean;
}) {
  const { schema, cards, edges, positions } = props;
  const location = useWorkspace().data?.location ?? "";
  const scheme = useComputedColorScheme("dark");
  const frame = useRef<HTMLDivElement>(null);
  const flow = useReactFlow<EntityNode>();
  const { nodes, onNodesChange, onDragStop, nudge, chosen } = useNodes(cards, positions);
  const [shown, setShown] = useState<Rect | null>(null);
  const far = useDiagram((s) => s.far);
  const drawing = useDiagram((s) => s.drawing);
  const drafting = useDiagram((s) => s.drafting);
  const { open, menu } = useContextMenu();

  const placed = useMemo(() => placedOf(nodes), [nodes]);
  const routes = useMemo(() => routeEdges(edges, placed), [edges, placed]);
  const edgeMap = useMemo(() => new Map(edges.map((e) => [e.id, e])), [edges]);
  const totalRows = useMemo(() => cards.reduce((sum, card) => sum + card.rows.length + 2, 0), [cards]);
  const scene = useScene(nodes, placed, routes, edgeMap);

  useEffect(() => setToCanvas((at) => flow.screenToFlowPosition(at)), [flow]);
  useMoving();
  const readOnly = useReadOnly() !== null;
  const show = useShow(flow);
  const fitted = useFirstFit(show, positions, placed, props.provisional, location);
  const actions = useCanvasActions({ flow, show, frame, placed, nodes, tidy: props.tidy });
  const keys = useCanvasKeys(frame, nudge, chosen);
  const menuAtEdge = useCallback(
    (event: MouseEvent, relationship: string) => open(event, "relationship", { relationship }),
    [open],
  );
  /** Of one that is chosen with others, the menu is about all of them; any other is chosen by it. */
  const menuAtCard = (event: MouseEvent, entity: string | undefined) => {
    const all = chosen();
    if (!entity) return;
    if (all.length > 1 && all.includes(entity)) return open(event, "entities", { entity, entities: all });
    useView.getState().select({ kind: "entity", entity });
    open(event, "entity", { entity });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: takes keys and clicks of the canvas as a whole
    <div
      ref={frame}
      className={css.diagram}
      data-far={far || undefined}
      data-drawing={drawing ? true : undefined}
      onKeyDownCapture={keys}
      onPointerMove={(event) => drawing?.source && followPointer(event.clientX, event.clientY)}
      onDoubleClick={(event) => {
        if ((event.target as Element).closest(".react-flow__pane"))
          actions.draftAt(event.clientX, event.clientY);
      }}
    >
      <ReactFlow<EntityNode>
        nodes={nodes}
        edges={NO_EDGES}
        nodeTypes={NODE_TYPES}
        onNodesChange={onNodesChange}
        onNodeDragStop={onDragStop}
        onSelectionDragStop={onDragStop}
        onNodeClick={(event, node) => {
          if (pickForDrawing(node.id) || choosesMore(event)) return;
          // The canvas itself leaves the others chosen when one of several is clicked, to move them together.
          const { marked, select } = useView.getState();
          if (marked.length > 0) select({ kind: "entity", entity: node.id });
        }}
        onNodeMouseEnter={(_, node) => setDiagram({ hoveredCard: node.id })}
        onNodeMouseLeave={() => setDiagram({ hoveredCard: null })}
        onNodeContextMenu={(event, node) => menuAtCard(event, node.id)}
        onSelectionContextMenu={(event) => menuAtCard(event, chosen()[0])}
        onNodeDoubleClick={(_, node) => far && actions.comeTo(node)}
        onPaneClick={actions.leave}
        onMoveEnd={(event, viewport) => {
          // Where the canvas happens to begin is nobody's choice and not worth keeping.
          if (event || fitted.current) keepViewport(location, viewport);
        }}
        defaultViewport={keptViewport(location)}
        minZoom={ZOOM.min}
        maxZoom={ZOOM.max}
        nodesConnectable={false}
        nodesDraggable={drawing === null && !props.provisional && !readOnly}
        nodeDragThreshold={3}
        zoomOnDoubleClick={false}
        zoomOnScroll={false}
        panOnScroll
        panActivationKeyCode="Space"
        selectionKeyCode="Shift"
        multiSelectionKeyCode={["Shift", "Meta", "Control"]}
        deleteKeyCode={null}
        elevateNodesOnSelect
        onlyRenderVisibleElements={false}
        proOptions={{ hideAttribution: true }}
        aria-label="Entity diagram"
      >
        <Underlay scene={scene} scheme={scheme} />
        <ViewportPortal>
          <EdgeLayer edges={edgeMap} routes={routes} placed={placed} shown={shown} onMenu={menuAtEdge} />
          <DrawnLine placed={placed} />
          {drafting && <DraftCard at={drafting} />}
        </ViewportPortal>
        <ViewWatcher placed={placed} totalRows={totalRows} onShown={setShown} />
        <JoinPlace schema={schema} placed={placed} frame={frame} />
        {cards.length > 1 && <Minimap placed={placed} scheme={scheme} />}
      </ReactFlow>
      <Toolbar tidying={props.busy} />
      {drawing && <DrawHint schema={schema} />}
      {menu}
    </div>
  );
}

function DrawHint({ schema }: { schema: Schema }) {
  const source = useDiagram((s) => s.drawing?.source);
  const title = schema.entities.find((e) => e.id === source);
  return (
    <div className={css.hint} role="status">
      {title
        ? `From ${title.label || title.name}: pick the entity it leads to. Esc gives up.`
        : "Pick the entity the relationship starts from. Esc gives up."}
    </div>
  );
}

/** Shows all of a picture that is seen for the first time, as soon as it has cards, and again when they have their places. */
function useFirstFit(
  show: Show,
  positions: ReadonlyMap<string, Point>,
  placed: ReadonlyMap<string, Placed>,
  provisional: boolean,
  location: string,
) {
  const fitted = useRef(keptViewport(location) !== undefined);
  const ready = useStore((s) => s.width > 0 && s.height > 0 && s.panZoom !== null);
  useEffect(() => {
    if (fitted.current || !ready) return;
    // The cards may still be on their way to these places.
    if (show(boxesAt(positions, placed), { maxZoom: 1 })) fitted.current = !provisional;
  }, [show, ready, positions, placed, provisional]);
  return fitted;
}

function useScene(
  nodes: readonly EntityNode[],
  placed: ReturnType<typeof placedOf>,
  routes: ReturnType<typeof routeEdges>,
  edges: ReadonlyMap<string, Edge>,
) {
  const { activeEdge } = useMarks();
  const moving = useDiagram((s) => s.moving);
  const enforced = useMemo(
    () => new Set([...edges.values()].filter((e) => e.enforced).map((e) => e.id)),
    [edges],
  );
  const selectedKey = nodes
    .filter((n) => n.selected)
    .map((n) => n.id)
    .join(" ");
  return useMemo(
    () => ({
      placed,
      routes,
      edges,
      enforced,
      activeEdge,
      selected: new Set(selectedKey.split(" ")),
      moving,
    }),
    [placed, routes, edges, enforced, activeEdge, selectedKey, moving],
  );
}

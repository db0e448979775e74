import { type KeyboardEvent, type MouseEvent, memo } from "react";
import { useView } from "../../shared";
import css from "./edge.module.css";
import { type Edge, endMarks, linePath, midOf, type Placed, type Route, routeBox, STUB } from "./edges";
import { overlaps, type Rect } from "./geometry";
import { setDiagram, useDiagram } from "./state";

/**
 * The lines in view as things one can point at and reach by Tab. They are painted beneath (paintNear.ts); only one that
 * is selected, pointed at or joined to what is selected is drawn here as well.
 */
export function EdgeLayer(props: {
  edges: ReadonlyMap<string, Edge>;
  routes: readonly Route[];
  placed: ReadonlyMap<string, Placed>;
  shown: Rect | null;
  onMenu: (event: MouseEvent, relationship: string) => void;
}) {
  const far = useDiagram((s) => s.far);
  const hovered = useDiagram((s) => s.hoveredEdge);
  const card = useDiagram((s) => s.hoveredCard);
  const selection = useView((s) => s.selection);
  const { shown } = props;
  if (far || !shown) return null;
  const visible = props.routes.filter((route) => overlaps(routeBox(route), shown));
  const touched = card ?? (selection?.kind === "entity" ? selection.entity : null);
  const picked = selection?.kind === "relationship" ? selection.relationship : null;
  return (
    <svg className={css.layer} aria-label="Relationships">
      {visible.map((route) => {
        const edge = props.edges.get(route.id);
        if (!edge) return null;
        const near = edge.from === touched || edge.to === touched;
        return (
          <EdgeView
            key={route.id}
            edge={edge}
            route={route}
            selected={picked === route.id}
            active={hovered === route.id || near}
            labelled={hovered === route.id || picked === route.id}
            onMenu={props.onMenu}
          />
        );
      })}
    </svg>
  );
}

const EdgeView = memo(
  function EdgeView(props: {
    edge: Edge;
    route: Route;
    selected: boolean;
    active: boolean;
    labelled: boolean;
    onMenu: (event: MouseEvent, relationship: string) => void;
  }) {
    const { edge, route } = props;
    const line = linePath(route);
    const look = () => setDiagram({ hoveredEdge: edge.id });
    const leave = () => setDiagram({ hoveredEdge: null });
    const select = () => useView.getState().select({ kind: "relationship", relationship: edge.id });
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      select();
    };
    return (
      // biome-ignore lint/a11y/useSemanticElements: a line of a drawing cannot be a <button>
      <g
        className={css.edge}
        role="button"
        tabIndex={0}
        aria-label={edge.name}
        aria-pressed={props.selected}
        data-edge={edge.id}
        data-enforced={edge.enforced || undefined}
        data-selected={props.selected || undefined}
        data-active={props.active || undefined}
        onClick={(event) => {
          event.stopPropagation();
          select();
        }}
        onContextMenu={(event) => {
          select();
          props.onMenu(event, edge.id);
        }}
        onKeyDown={onKeyDown}
        onMouseEnter={look}
        onMouseLeave={leave}
        onFocus={look}
        onBlur={leave}
      >
        <path className={css.hit} d={line} />
        {(props.active || props.selected) && <Drawn edge={edge} route={route} line={line} />}
        {props.labelled && <Label edge={edge} route={route} />}
      </g>
    );
  },
  (a, b) =>
    a.edge === b.edge &&
    a.selected === b.selected &&
    a.active === b.active &&
    a.labelled === b.labelled &&
    a.onMenu === b.onMenu &&
    sameRoute(a.route, b.route),
);

function Drawn({ edge, route, line }: { edge: Edge; route: Route; line: string }) {
  const from = endMarks(route.from, edge.fromEnd);
  const to = endMarks(route.to, edge.toEnd);
  return (
    <>
      <path className={css.line} d={line} />
      {(from.ring || to.ring) && <path className={css.ring} d={from.ring + to.ring} />}
      <path className={css.line} d={from.strokes + to.strokes} />
    </>
  );
}

/** Routes are made anew whenever anything moves; a line that did not is not drawn again. */
function sameRoute(a: Route, b: Route): boolean {
  return (
    a === b ||
    (a.from.x === b.from.x &&
      a.from.y === b.from.y &&
      a.from.side === b.from.side &&
      a.to.x === b.to.x &&
      a.to.y === b.to.y &&
      a.to.side === b.to.side &&
      a.c1.x === b.c1.x &&
      a.c2.x === b.c2.x)
  );
}

function Label({ edge, route }: { edge: Edge; route: Route }) {
  const { x, y } = midOf(route);
  const width = Math.min(220, edge.label.length * 6.8 + 16);
  return (
    <g className={css.label} transform={`translate(${x} ${y})`}>
      <rect x={-width / 2} y={-10} width={width} height={20} rx={4} />
      <text textAnchor="middle" dominantBaseline="central">
        {edge.label.length > 30 ? `${edge.label.slice(0, 29)}…` : edge.label}
      </text>
    </g>
  );
}

/** The line that follows the hand while a relationship is drawn. */
export function DrawnLine({ placed }: { placed: ReadonlyMap<string, Placed> }) {
  const drawing = useDiagram((s) => s.drawing);
  const source = drawing?.source ? placed.get(drawing.source) : undefined;
  if (!drawing || !source || !drawing.pointer) return null;
  const over = drawing.over && drawing.over !== drawing.source ? placed.get(drawing.over) : undefined;
  const end = over ? { x: over.x + over.width / 2, y: over.y + 18 } : drawing.pointer;
  const right = end.x >= source.x + source.width / 2;
  const x = right ? source.x + source.width : source.x;
  const pull = right ? 2 * STUB : -2 * STUB;
  const tip = over ? (right ? over.x : over.x + over.width) : end.x;
  const y = source.y + 18;
  return (
    <svg className={css.layer} aria-hidden>
      <path className={css.drawn} d={`M${x} ${y}C${x + pull} ${y} ${tip - pull} ${end.y} ${tip} ${end.y}`} />
    </svg>
  );
}

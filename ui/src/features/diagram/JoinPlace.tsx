import { useReactFlow } from "@xyflow/react";
import type { RefObject } from "react";
import type { Schema } from "../../api";
import css from "./diagram.module.css";
import type { Placed } from "./edges";
import { JoinPopover } from "./JoinPopover";
import { useDiagram } from "./state";

/** As wide as the question, and as far from the edges as it stays; px. */
const WIDTH = 320;
const GAP = 8;

/** Puts the question beside the entity the line was let go on, wherever there is room. */
export function JoinPlace(props: {
  schema: Schema;
  placed: ReadonlyMap<string, Placed>;
  frame: RefObject<HTMLDivElement | null>;
}) {
  const flow = useReactFlow();
  const joining = useDiagram((s) => s.joining);
  if (!joining) return null;
  const source = props.schema.entities.find((e) => e.id === joining.source);
  const target = props.schema.entities.find((e) => e.id === joining.target);
  const card = props.placed.get(joining.target);
  const box = props.frame.current?.getBoundingClientRect();
  if (!source || !target || !card || !box) return null;
  const zoom = flow.getZoom();
  const at = flow.flowToScreenPosition({ x: card.x, y: card.y });
  const right = at.x - box.left + card.width * zoom + 16;
  const left = at.x - box.left - WIDTH - 16;
  const x = right + WIDTH <= box.width - GAP || left < GAP ? right : left;
  const y = at.y - box.top;
  return (
    <div
      className={css.joinPlace}
      style={{ left: Math.max(GAP, Math.min(x, box.width - WIDTH - GAP)), width: WIDTH }}
    >
      <div style={{ flex: `0 1 ${Math.max(0, y - GAP)}px` }} />
      <JoinPopover
        key={`${joining.source} ${joining.target}`}
        schema={props.schema}
        source={source}
        target={target}
        draft={joining.draft}
      />
    </div>
  );
}

import { useReactFlow } from "@xyflow/react";
import type { RefObject } from "react";
import type { Schema } from "../../api";
import type { Placed } from "./edges";
import { JoinPopover } from "./JoinPopover";
import { useDiagram } from "./state";

const SIZE = { width: 320, height: 372 };

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
  const left = at.x - box.left - SIZE.width - 16;
  const x = right + SIZE.width <= box.width - 8 || left < 8 ? right : left;
  const y = at.y - box.top;
  return (
    <JoinPopover
      key={`${joining.source} ${joining.target}`}
      schema={props.schema}
      source={source}
      target={target}
      style={{
        left: Math.max(8, Math.min(x, box.width - SIZE.width - 8)),
        top: Math.max(8, Math.min(y, box.height - SIZE.height - 8)),
      }}
    />
  );
}

import { Menu } from "@mantine/core";
import { useStore } from "@xyflow/react";
import { MousePointer2, Spline, Table2 } from "lucide-react";
import type { ReactNode } from "react";
import { runAction } from "../../actions";
import { Kbd, keyNames, Writes } from "../../shared";
import css from "./diagram.module.css";
import { setDiagram, useDiagram } from "./state";

/** What one can do on the canvas, at its foot. */
export function Toolbar({ tidying }: { tidying: boolean }) {
  const mode = useDiagram((s) => (s.drawing ? "relationship" : s.drafting ? "entity" : "select"));
  return (
    <div className={css.toolbar} role="toolbar" aria-label="Diagram tools">
      <Tool
        label="Select"
        keys="Escape"
        pressed={mode === "select"}
        run={() => setDiagram({ drawing: null, joining: null, drafting: null, editing: null })}
      >
        <MousePointer2 size={14} aria-hidden />
      </Tool>
      <Writes>
        <Tool label="Entity" keys="T" pressed={mode === "entity"} run={() => runAction("entity.create")}>
          <Table2 size={14} aria-hidden />
        </Tool>
        <Tool
          label="Relationship"
          keys="R"
          pressed={mode === "relationship"}
          run={() => runAction("relationship.create")}
        >
          <Spline size={14} aria-hidden />
        </Tool>
      </Writes>
      <span className={css.divider} />
      <Writes>
        <Tool label={tidying ? "Tidying" : "Tidy"} keys="shift+T" run={() => runAction("diagram.tidy")} />
      </Writes>
      <Tool label="Fit" keys="shift+1" run={() => runAction("diagram.fit")} />
      <ZoomMenu />
    </div>
  );
}

function Tool(props: {
  label: string;
  keys: string;
  pressed?: boolean;
  run: () => void;
  children?: ReactNode;
}) {
  return (
    <button
      type="button"
      className={css.tool}
      aria-pressed={props.pressed}
      title={`${props.label} (${keyNames(props.keys).join("+")})`}
      onClick={props.run}
    >
      {props.children}
      {props.label}
    </button>
  );
}

/** The only part of the bar that follows the zoom. */
function ZoomMenu() {
  const zoom = useStore((s) => Math.round(s.transform[2] * 100));
  const items = [
    { id: "diagram.zoomIn", label: "Zoom in", keys: "mod+=" },
    { id: "diagram.zoomOut", label: "Zoom out", keys: "mod+-" },
    { id: "diagram.zoom100", label: "Zoom to 100%", keys: "mod+0" },
    { id: "diagram.fit", label: "Fit", keys: "shift+1" },
    { id: "diagram.fitSelection", label: "Fit selection", keys: "shift+2" },
  ];
  return (
    <Menu position="top-end" width={200}>
      <Menu.Target>
        <button type="button" className={`${css.tool} ${css.zoom}`} aria-label={`Zoom ${zoom}%`}>
          {zoom}%
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {items.map((item) => (
          <Menu.Item key={item.id} rightSection={<Kbd keys={item.keys} />} onClick={() => runAction(item.id)}>
            {item.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

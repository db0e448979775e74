import { Menu } from "@mantine/core";
import { type MouseEvent, type ReactNode, useState } from "react";
import { ActionMenuItems } from "./ActionMenu";
import type { ActionTarget } from "./registry";

type Kind = "entity" | "relationship";
interface Open {
  x: number;
  y: number;
  kind: Kind;
  target: ActionTarget;
}

/**
 * A context menu fed by the action list. `open` takes the mouse event, or a point when the menu key asked for it;
 * render `menu` once, anywhere.
 */
export function useContextMenu(): {
  open: (at: MouseEvent | { x: number; y: number }, kind: Kind, target: ActionTarget) => void;
  menu: ReactNode;
} {
  const [state, setState] = useState<Open | null>(null);
  const open = (at: MouseEvent | { x: number; y: number }, kind: Kind, target: ActionTarget) => {
    if ("preventDefault" in at) {
      at.preventDefault();
      setState({ x: at.clientX, y: at.clientY, kind, target });
    } else {
      setState({ ...at, kind, target });
    }
  };
  const menu = state && (
    <Menu
      key={`${state.x}:${state.y}`}
      opened
      onClose={() => setState(null)}
      position="bottom-start"
      offset={0}
      width={232}
    >
      <Menu.Target>
        <span style={{ position: "fixed", left: state.x, top: state.y, width: 0, height: 0 }} />
      </Menu.Target>
      <Menu.Dropdown>
        <ActionMenuItems menu={state.kind} target={state.target} />
      </Menu.Dropdown>
    </Menu>
  );
  return { open, menu };
}

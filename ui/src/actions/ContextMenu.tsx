import { Menu } from "@mantine/core";
import { type MouseEvent, type ReactNode, useRef, useState } from "react";
import { ActionMenuItems } from "./ActionMenu";
import { type ActionTarget, listActions, type MenuKind, menuActions } from "./registry";

interface Open {
  x: number;
  y: number;
  kind: MenuKind;
  target: ActionTarget;
}

/**
 * A context menu fed by the action list. `open` takes the mouse event, or a point when the menu key asked for it;
 * render `menu` once, anywhere. Where nothing can be done there is no menu.
 */
export function useContextMenu(): {
  open: (at: MouseEvent | { x: number; y: number }, kind: MenuKind, target: ActionTarget) => void;
  menu: ReactNode;
} {
  const [state, setState] = useState<Open | null>(null);
  const opener = useRef<Element | null>(null);
  const close = () => {
    setState(null);
    // Esc goes one step back: to where the keys were before. An item that moved the focus itself keeps it.
    const from = opener.current;
    setTimeout(() => {
      if (document.activeElement === document.body && from instanceof HTMLElement) from.focus();
    }, 0);
  };
  const open = (at: MouseEvent | { x: number; y: number }, kind: MenuKind, target: ActionTarget) => {
    if ("preventDefault" in at) at.preventDefault();
    if (menuActions(listActions(), kind, target).length === 0) return;
    opener.current = document.activeElement;
    if ("preventDefault" in at) {
      setState({ x: at.clientX, y: at.clientY, kind, target });
    } else {
      setState({ ...at, kind, target });
    }
  };
  const menu = state && (
    <Menu
      key={`${state.x}:${state.y}`}
      opened
      onClose={close}
      position="bottom-start"
      offset={0}
      width={240}
      returnFocus={false}
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

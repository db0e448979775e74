// One list of actions feeds the palette, the shortcuts, the help sheet and the menus.
// A component offers its actions with `useActions` for as long as it is mounted.
import { useEffect, useRef } from "react";
import { create } from "zustand";
import { isReadOnly } from "../shared";

export type ActionGroup =
  | "Workspace"
  | "View"
  | "Edit"
  | "Entity"
  | "Diagram"
  | "Records"
  | "Materialize"
  | "Help";

/** What a context menu can be of. */
export type MenuKind = "entity" | "entities" | "application" | "relationship";

/** What an action is about, when it was started from a menu on something. */
export interface ActionTarget {
  entity?: string;
  /** Several at once, where the action can do that. */
  entities?: string[];
  application?: string;
  field?: string;
  relationship?: string;
}

export interface Action {
  /** Stable, dotted: "entity.materialize". */
  id: string;
  label: string;
  group: ActionGroup;
  /** "mod+K", "shift+?", "F2"; several ways are separated by a space. */
  keys?: string;
  /** Further words the palette finds it by. */
  keywords?: string;
  /** Puts it in the context menu of that kind of thing, or of several kinds. */
  menu?: MenuKind | readonly MenuKind[];
  danger?: boolean;
  /** Fires even while a text field has the focus. */
  whileTyping?: boolean;
  /** Changes the workspace: not on offer where that may only be read. */
  writes?: boolean;
  /** Absent means always. Must be cheap: it runs for every key. */
  when?: (target?: ActionTarget) => boolean;
  run: (target?: ActionTarget) => void;
}

interface Registry {
  sets: Map<string, Action[]>;
}

const useRegistry = create<Registry>(() => ({ sets: new Map() }));

function flatten(sets: Map<string, Action[]>): Action[] {
  return [...sets.values()].flat();
}

/** Every action on offer, in the order the sets came. */
export function listActions(): Action[] {
  return flatten(useRegistry.getState().sets);
}

export function applies(action: Action, target?: ActionTarget): boolean {
  if (action.writes && isReadOnly()) return false;
  return action.when ? action.when(target) : true;
}

/** Of a list: what stands in the context menu of that kind of thing now. */
export function menuActions(actions: Action[], kind: MenuKind, target: ActionTarget): Action[] {
  return actions.filter(
    (a) => (Array.isArray(a.menu) ? a.menu.includes(kind) : a.menu === kind) && applies(a, target),
  );
}

/** Runs an action by id; false when it is not on offer now. */
export function runAction(id: string, target?: ActionTarget): boolean {
  const action = listActions().find((a) => a.id === id);
  if (!action || !applies(action, target)) return false;
  action.run(target);
  return true;
}

/** Adds a set under a name and gives back what takes it away again. */
export function registerActions(set: string, actions: Action[]): () => void {
  useRegistry.setState(({ sets }) => ({ sets: new Map(sets).set(set, actions) }));
  return () =>
    useRegistry.setState(({ sets }) => {
      if (sets.get(set) !== actions) return { sets };
      const rest = new Map(sets);
      rest.delete(set);
      return { sets: rest };
    });
}

/**
 * Offers `actions` while mounted. Closures may change at every render: the latest ones run. The set is registered anew
 * only when something a list shows (id, label, keys) has changed.
 */
export function useActions(set: string, actions: Action[]): void {
  const latest = useRef(actions);
  latest.current = actions;
  const shape = JSON.stringify(actions.map((a) => [a.id, a.label, a.keys, a.group, a.menu, a.danger]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for everything of `actions` a list shows
  useEffect(() => {
    const find = (id: string) => latest.current.find((a) => a.id === id);
    const live = latest.current.map((action) => ({
      ...action,
      when: (target?: ActionTarget) => find(action.id)?.when?.(target) ?? true,
      run: (target?: ActionTarget) => find(action.id)?.run(target),
    }));
    return registerActions(set, live);
  }, [set, shape]);
}

/** The list as state, for what draws it. */
export function useActionList(): Action[] {
  const sets = useRegistry((s) => s.sets);
  return flatten(sets);
}

import { useHotkeys } from "@mantine/hooks";
import { type Action, applies, listActions, useActionList } from "./registry";

/** Groups actions by key; the first one that applies wins, so one key may mean different things in different places. */
export function keyMap(actions: Action[]): Map<string, Action[]> {
  const map = new Map<string, Action[]>();
  for (const action of actions) {
    for (const key of action.keys?.split(" ") ?? []) {
      map.set(key, [...(map.get(key) ?? []), action]);
    }
  }
  return map;
}

function fire(key: string, typing: boolean): (event: KeyboardEvent) => void {
  return (event) => {
    // A dialog or menu on top has the keys to itself, and what a control has already used is not ours.
    if (event.defaultPrevented || document.querySelector('[aria-modal="true"], [role="menu"]')) return;
    const action = (keyMap(listActions()).get(key) ?? []).find(
      (a) => Boolean(a.whileTyping) === typing && applies(a),
    );
    if (!action) return;
    event.preventDefault();
    action.run();
  };
}

/** Binds the keys of every action on offer. Mounted once, by the app. */
export function useShortcuts(): void {
  const actions = useActionList();
  const items = (typing: boolean) =>
    [...keyMap(actions.filter((a) => Boolean(a.whileTyping) === typing)).keys()].map(
      (key) =>
        [key, fire(key, typing), { preventDefault: false }] as [string, (e: KeyboardEvent) => void, object],
    );
  useHotkeys(items(false));
  useHotkeys(items(true), [], true);
}

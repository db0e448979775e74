import { Menu } from "@mantine/core";
import { Kbd } from "../shared";
import { type Action, type ActionTarget, type MenuKind, menuActions, useActionList } from "./registry";

/** The items of a context menu: every action that says it belongs to that kind of thing. Put inside a Menu.Dropdown. */
export function ActionMenuItems({ menu, target }: { menu: MenuKind; target: ActionTarget }) {
  const items = menuActions(useActionList(), menu, target);
  const safe = items.filter((a) => !a.danger);
  const danger = items.filter((a) => a.danger);
  return (
    <>
      <Items actions={safe} target={target} />
      {safe.length > 0 && danger.length > 0 && <Menu.Divider />}
      <Items actions={danger} target={target} />
    </>
  );
}

function Items({ actions, target }: { actions: Action[]; target: ActionTarget }) {
  return actions.map((action) => (
    <Menu.Item
      key={action.id}
      color={action.danger ? "red" : undefined}
      rightSection={action.keys && <Kbd keys={action.keys.split(" ")[0] ?? ""} />}
      onClick={() => action.run(target)}
    >
      {action.label}
    </Menu.Item>
  ));
}

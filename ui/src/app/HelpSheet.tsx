import { Modal } from "@mantine/core";
import { create } from "zustand";
import { type Action, useActionList } from "../actions";
import { Kbd, SectionLabel } from "../shared";
import css from "./app.module.css";

const useHelp = create<{ open: boolean }>(() => ({ open: false }));

export function openHelp(): void {
  useHelp.setState({ open: true });
}

/** Every action that has a key, by group. */
export function HelpSheet() {
  const open = useHelp((s) => s.open);
  const actions = useActionList().filter((a) => a.keys);
  return (
    <Modal
      opened={open}
      onClose={() => useHelp.setState({ open: false })}
      title="Keyboard shortcuts"
      size={680}
      centered
    >
      <div className={css.help}>
        {byGroup(actions).map(([group, items]) => (
          <section key={group} className={css.helpGroup}>
            <SectionLabel>{group}</SectionLabel>
            {items.map((action) => (
              <div key={action.id} className={css.helpRow}>
                <span>{action.label}</span>
                <Kbd keys={action.keys?.split(" ")[0] ?? ""} />
              </div>
            ))}
          </section>
        ))}
      </div>
    </Modal>
  );
}

function byGroup(actions: Action[]): [string, Action[]][] {
  const groups = new Map<string, Action[]>();
  for (const action of actions) groups.set(action.group, [...(groups.get(action.group) ?? []), action]);
  return [...groups];
}

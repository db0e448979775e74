import { Menu, Tooltip } from "@mantine/core";
import { Check, Lock } from "lucide-react";
import { applies, useActionList } from "../actions";
import type { WorkspaceInfo } from "../api";
import { Kbd, placeName, type Theme, usePrefs, useReadOnly } from "../shared";
import css from "./app.module.css";
import { openPalette } from "./paletteFocus";
import { TabList } from "./TabList";

const THEMES: { id: Theme; label: string }[] = [
  { id: "dark", label: "Dark" },
  { id: "light", label: "Light" },
  { id: "system", label: "As the system" },
];

const KINDS: Record<string, string> = { sqlite: "SQLite", postgres: "Postgres" };

export function TopBar({ info }: { info: WorkspaceInfo }) {
  return (
    <header className={css.top}>
      <div className={css.where}>
        <WorkspaceMenu info={info} />
        <ReadOnlyBadge />
      </div>
      <TabList />
      <button type="button" className={css.search} aria-keyshortcuts="Control+K" onClick={openPalette}>
        Search or command <Kbd keys="mod+k" />
      </button>
    </header>
  );
}

/** The workspace's name; pressing it shows what can be done with workspaces. */
function WorkspaceMenu({ info }: { info: WorkspaceInfo }) {
  const prefs = usePrefs();
  const actions = useActionList().filter((a) => a.group === "Workspace" && applies(a));
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <button
          type="button"
          className={css.title}
          title={info.location}
          aria-label={`Workspace ${info.name}`}
        >
          <span className={css.mark} aria-hidden />
          <strong className="sw-ellipsis">{info.name}</strong>
          <span className={`${css.muted} sw-ellipsis`}>
            {placeName(info.location)} · {KINDS[info.kind] ?? info.kind}
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => (
          <Menu.Item
            key={action.id}
            rightSection={action.keys && <Kbd keys={action.keys.split(" ")[0] ?? ""} />}
            onClick={() => action.run()}
          >
            {action.label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        {THEMES.map(({ id, label }) => (
          <Menu.Item
            key={id}
            role="menuitemradio"
            aria-checked={prefs.theme === id}
            rightSection={prefs.theme === id && <Check size={14} aria-hidden />}
            onClick={() => prefs.set({ theme: id })}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Beside the name, where nothing can be changed. */
function ReadOnlyBadge() {
  const reason = useReadOnly();
  if (reason === null) return null;
  const why = `Read-only: ${reason}`;
  return (
    <Tooltip label={why} multiline maw={360}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the reason must be within reach of the keyboard too */}
      <span className={css.readOnly} tabIndex={0} role="note" aria-label={why}>
        <Lock size={12} aria-hidden /> Read-only
      </span>
    </Tooltip>
  );
}

import { Spotlight } from "@mantine/spotlight";
import { Search } from "lucide-react";
import { useState } from "react";
import { type Action, applies, useActionList } from "../actions";
import { type EntitySummary, titleOf, useOverview } from "../api";
import { formatNumber, Kbd, StorageDot, useView } from "../shared";
import css from "./app.module.css";
import { byFit } from "./match";
import { leavePalette, PALETTE_NAME } from "./paletteFocus";

/** More than this nobody reads; they type another letter. */
const SHOWN = 40;

/** Ctrl+K: every command and every entity. */
export function Palette({ hasWorkspace }: { hasWorkspace: boolean }) {
  const [query, setQuery] = useState("");
  const actions = byFit(
    query,
    useActionList().filter((a) => a.id !== "palette.open" && applies(a)),
    (a) => a.label,
    (a) => `${a.group} ${a.keywords ?? ""}`,
  );
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      clearQueryOnClose
      scrollable
      maxHeight={420}
      transitionProps={{ duration: 120, exitDuration: 0, transition: "fade" }}
      overlayProps={{ color: "var(--sw-overlay)", backgroundOpacity: 1, blur: 0 }}
      returnFocus={false}
      onSpotlightClose={leavePalette}
      attributes={{ content: { "aria-label": PALETTE_NAME } }}
      classNames={{
        content: css.palette,
        search: css.paletteSearch,
        actionsList: css.paletteList,
        action: css.paletteAction,
        actionsGroup: css.paletteGroup,
      }}
    >
      <Spotlight.Search
        placeholder="Search or command"
        aria-label="Search or command"
        leftSection={<Search size={16} />}
        leftSectionWidth={44}
      />
      <Spotlight.ActionsList>
        {hasWorkspace && <Entities query={query} />}
        {actions.length > 0 && (
          <Spotlight.ActionsGroup label="Commands">
            {actions.slice(0, SHOWN).map((action) => (
              <Command key={action.id} action={action} />
            ))}
          </Spotlight.ActionsGroup>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function Command({ action }: { action: Action }) {
  return (
    <Spotlight.Action
      onClick={() => {
        leavePalette();
        action.run();
      }}
    >
      <span className={css.paletteItem}>
        <span className="sw-ellipsis">{action.label}</span>
        <span className={css.paletteRight}>
          <span>{action.group}</span>
          {action.keys && <Kbd keys={action.keys.split(" ")[0] ?? ""} />}
        </span>
      </span>
    </Spotlight.Action>
  );
}

/** Entities by name; without a query only a handful, so that the commands stay in sight. */
function Entities({ query }: { query: string }) {
  const { data } = useOverview();
  const select = useView((s) => s.select);
  const found = byFit(query, data ?? [], titleOf, (e) => e.name);
  if (found.length === 0) return null;
  const go = (entity: EntitySummary) => {
    leavePalette();
    select({ kind: "entity", entity: entity.id });
    if (useView.getState().tab === "records") useView.getState().openRecords(entity.id);
  };
  return (
    <Spotlight.ActionsGroup label="Entities">
      {found.slice(0, query ? SHOWN : 5).map((entity) => (
        <Spotlight.Action key={entity.id} onClick={() => go(entity)}>
          <span className={css.paletteItem}>
            <StorageDot mode={entity.storage_mode} />
            <span className="sw-ellipsis">{titleOf(entity)}</span>
            <span className={`${css.paletteRight} sw-num`}>{formatNumber(entity.records)}</span>
          </span>
        </Spotlight.Action>
      ))}
    </Spotlight.ActionsGroup>
  );
}

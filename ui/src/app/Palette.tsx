import { Spotlight } from "@mantine/spotlight";
import { useState } from "react";
import { applies, useActionList } from "../actions";
import { Kbd } from "../shared";
import css from "./app.module.css";
import { matches } from "./match";

/** Ctrl+K: every command. */
export function Palette() {
  const [query, setQuery] = useState("");
  const actions = useActionList().filter(
    (a) =>
      a.id !== "palette.open" && applies(a) && matches(query, `${a.label} ${a.group} ${a.keywords ?? ""}`),
  );
  return (
    <Spotlight.Root query={query} onQueryChange={setQuery} shortcut={null} clearQueryOnClose>
      <Spotlight.Search placeholder="Search or command" aria-label="Search or command" />
      <Spotlight.ActionsList>
        {actions.map((action) => (
          <Spotlight.Action key={action.id} onClick={() => action.run()}>
            <div className={css.paletteItem}>
              <span>{action.label}</span>
              <span className={css.paletteRight}>
                {action.keys && <Kbd keys={action.keys.split(" ")[0] ?? ""} />}
              </span>
            </div>
          </Spotlight.Action>
        ))}
        {actions.length === 0 && <Spotlight.Empty>Nothing has that name</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

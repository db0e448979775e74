import { ActionIcon } from "@mantine/core";
import { Database, DatabaseZap, FileUp, FolderOpen, Plus, Server, X } from "lucide-react";
import type { ReactNode } from "react";
import { runAction } from "../../actions";
import { useForgetWorkspace, useRecentWorkspaces } from "../../api";
import { ErrorNotice, formatWhen, Kbd, ProgressBar, SectionLabel, useDelayed } from "../../shared";
import css from "./start.module.css";
import type { WorkspaceVerbs } from "./useWorkspaceActions";

/** What the window shows before a workspace is open. On the first start the sample stands first. */
export function StartScreen({ verbs, error }: { verbs: WorkspaceVerbs; error: unknown }) {
  const recent = useRecentWorkspaces();
  const forget = useForgetWorkspace();
  const list = recent.data ?? [];
  const first = recent.isSuccess && list.length === 0;
  return (
    <main className={css.start} aria-label="Start">
      <div className={css.box}>
        <header className={css.hello}>
          <span className={css.mark} aria-hidden />
          <div>
            <h1>Stoneware</h1>
            <p>Sketch a schema in clay, fill it, and set it in stone when it has settled.</p>
          </div>
        </header>

        {Boolean(error) && <ErrorNotice error={error} />}
        {verbs.busy && <Opening />}

        <section className={css.ways} aria-label="Begin">
          <Way
            icon={<Database size={18} aria-hidden />}
            title="Open the sample workspace"
            text="A coffee roastery with some 20,000 records to look around in"
            primary={first}
            disabled={verbs.busy}
            onClick={verbs.sample}
          />
          <Way
            icon={<Plus size={18} aria-hidden />}
            title="New workspace"
            text="An empty file on this computer; nothing else to install"
            keys="mod+n"
            disabled={verbs.busy}
            onClick={() => runAction("workspace.new")}
          />
          <Way
            icon={<FolderOpen size={18} aria-hidden />}
            title="Open file"
            text="A workspace you have made before"
            keys="mod+o"
            disabled={verbs.busy}
            onClick={() => runAction("workspace.open")}
          />
          <Way
            icon={<Server size={18} aria-hidden />}
            title="Connect to Postgres"
            text="A workspace on a server, for a team"
            keys="mod+shift+o"
            disabled={verbs.busy}
            onClick={() => runAction("workspace.connect")}
          />
          <Way
            icon={<FileUp size={18} aria-hidden />}
            title="Import a file"
            text="A SQLite database, CSV or NDJSON becomes entities and records"
            disabled={verbs.busy}
            onClick={() => runAction("workspace.import")}
          />
          <Way
            icon={<DatabaseZap size={18} aria-hidden />}
            title="Import from a Postgres database"
            text="The tables of its schemas become entities and records"
            disabled={verbs.busy}
            onClick={() => runAction("workspace.importDatabase")}
          />
        </section>

        {list.length > 0 && (
          <section aria-label="Recent workspaces">
            <SectionLabel>Recent</SectionLabel>
            <ul className={css.recent}>
              {list.map((w) => (
                <li key={w.location}>
                  <button
                    type="button"
                    className={css.recentItem}
                    aria-label={w.name}
                    disabled={verbs.busy}
                    onClick={() => verbs.openPath(w.location)}
                  >
                    <strong className="sw-ellipsis">{w.name}</strong>
                    <span className={`${css.path} sw-ellipsis`} title={w.location}>
                      <bdi>{w.location}</bdi>
                    </span>
                    <span className={css.when}>{w.missing ? "not found" : formatWhen(w.opened_at)}</span>
                  </button>
                  <ActionIcon
                    size={24}
                    aria-label={`Remove ${w.name} from the list`}
                    onClick={() => forget.mutate([w.location])}
                  >
                    <X size={14} />
                  </ActionIcon>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </main>
  );
}

function Opening() {
  return useDelayed() ? <ProgressBar label="Opening the workspace" done={0} total={null} /> : null;
}

function Way(props: {
  icon: ReactNode;
  title: string;
  text: string;
  keys?: string;
  primary?: boolean;
  disabled: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      className={css.way}
      data-primary={props.primary || undefined}
      aria-label={props.title}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      <span className={css.wayIcon}>{props.icon}</span>
      <span className={css.wayText}>
        <strong>{props.title}</strong>
        <span>{props.text}</span>
      </span>
      {props.keys && <Kbd keys={props.keys} />}
    </button>
  );
}

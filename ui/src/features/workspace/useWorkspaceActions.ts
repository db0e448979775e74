import { type Action, useActions } from "../../actions";
import {
  useCloseWorkspace,
  useCreateWorkspace,
  useOpenSample,
  useOpenWorkspace,
  useParseConnection,
  useWorkspace,
} from "../../api";
import { platform } from "../../platform";
import { toastError } from "../../shared";
import { isAddress, openConnect } from "./connectState";
import { openCopy } from "./copyState";
import { beginImport, entityNameFrom, isDatabase, openImportDatabase, showRunning } from "./importState";
import { useRoom, useRunImport } from "./useImporting";
import { WORKSPACE_FILES } from "./workspaceFiles";

const IMPORTABLE = [
  { name: "SQLite, CSV or NDJSON", extensions: ["sqlite", "sqlite3", "db", "db3", "csv", "ndjson", "jsonl"] },
];

/** New, open, sample, close: for the start screen, the palette and the keys alike. */
export function useWorkspaceVerbs() {
  const create = useCreateWorkspace();
  const open = useOpenWorkspace();
  const sample = useOpenSample();
  const close = useCloseWorkspace();
  const run = useRunImport();
  const room = useRoom();
  const parse = useParseConnection();
  return {
    busy: create.isPending || open.isPending || sample.isPending || close.isPending,
    error: create.error ?? (isAddress(open.variables?.[0] ?? "") ? null : open.error) ?? sample.error,
    create: async () => {
      const path = await platform().pickSavePath({
        title: "New workspace",
        defaultName: "workspace.db",
        filters: WORKSPACE_FILES,
      });
      if (path) create.mutate([path]);
    },
    open: async () => {
      const path = await platform().pickFile({ title: "Open a workspace", filters: WORKSPACE_FILES });
      if (path) open.mutate([path]);
    },
    openPath: (path: string) =>
      open.mutate([path], {
        // A server asks for a password, or is not where it was: the form says so at the right place.
        onError: (error) => {
          if (isAddress(path)) parse.mutate([path], { onSuccess: (p) => openConnect(p.connection, error) });
        },
      }),
    connect: () => openConnect(),
    /** Into the open workspace, or into a new one when none is open. */
    importFile: async () => {
      if (showRunning()) return;
      const path = await platform().pickFile({ title: "Import a file", filters: IMPORTABLE });
      if (!path || !(await room(entityNameFrom(path)))) return;
      if (isDatabase(path)) run({ path }, null);
      else beginImport({ path }, "naming");
    },
    sample: () => sample.mutate([]),
    close: () => close.mutate([]),
  };
}

export type WorkspaceVerbs = ReturnType<typeof useWorkspaceVerbs>;

export function useWorkspaceActions(verbs: WorkspaceVerbs): void {
  const { data: workspace } = useWorkspace();
  const say = (what: string) => (thrown: unknown) => toastError(thrown, what);
  const isOpen = () => Boolean(workspace);
  const actions: Action[] = [
    {
      id: "workspace.new",
      label: "New workspace",
      group: "Workspace",
      keys: "mod+N",
      whileTyping: true,
      run: () => void verbs.create().catch(say("No new workspace")),
    },
    {
      id: "workspace.open",
      label: "Open a workspace",
      group: "Workspace",
      keys: "mod+O",
      whileTyping: true,
      run: () => void verbs.open().catch(say("Not opened")),
    },
    {
      id: "workspace.connect",
      label: "Connect to Postgres",
      group: "Workspace",
      keys: "mod+shift+O",
      keywords: "server database remote",
      whileTyping: true,
      run: verbs.connect,
    },
    {
      id: "workspace.import",
      writes: true,
      label: "Import a file",
      group: "Workspace",
      keys: "mod+shift+I",
      keywords: "sqlite csv ndjson database",
      whileTyping: true,
      run: () => void verbs.importFile().catch(say("Not imported")),
    },
    {
      id: "workspace.importDatabase",
      writes: true,
      label: "Import from a Postgres database",
      group: "Workspace",
      keywords: "server tables schemas postgresql",
      run: openImportDatabase,
    },
    {
      id: "workspace.copy",
      label: "Copy the workspace",
      group: "Workspace",
      keywords: "move postgres sqlite backup duplicate server",
      when: isOpen,
      run: openCopy,
    },
    { id: "workspace.sample", label: "Open the sample workspace", group: "Workspace", run: verbs.sample },
    {
      id: "workspace.close",
      label: "Close the workspace",
      group: "Workspace",
      keys: "mod+W",
      when: isOpen,
      run: verbs.close,
    },
  ];
  useActions("workspace", actions);
}

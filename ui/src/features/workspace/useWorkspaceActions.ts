import { type Action, useActions } from "../../actions";
import {
  useCloseWorkspace,
  useCreateWorkspace,
  useImportFile,
  useOpenSample,
  useOpenWorkspace,
  useParseConnection,
  useWorkspace,
} from "../../api";
import { platform } from "../../platform";
import { toastError } from "../../shared";
import { isAddress, openConnect } from "./connectState";
import { openCopy } from "./copyState";
import { startImport } from "./ImportDialog";
import { entityNameFrom, isDatabase, useImport } from "./importState";

const WORKSPACE_FILES = [{ name: "Stoneware workspace", extensions: ["db", "sqlite", "stoneware"] }];

const IMPORTABLE = [
  { name: "SQLite, CSV or NDJSON", extensions: ["sqlite", "sqlite3", "db", "db3", "csv", "ndjson", "jsonl"] },
];

/** New, open, sample, close: for the start screen, the palette and the keys alike. */
export function useWorkspaceVerbs() {
  const create = useCreateWorkspace();
  const open = useOpenWorkspace();
  const sample = useOpenSample();
  const close = useCloseWorkspace();
  const run = useImportFile();
  const parse = useParseConnection();
  const { data: workspace } = useWorkspace();
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
      const path = await platform().pickFile({ title: "Import a file", filters: IMPORTABLE });
      if (!path) return;
      if (!workspace) {
        const target = await platform().pickSavePath({
          title: "Where shall the new workspace lie?",
          defaultName: `${entityNameFrom(path)} workspace.db`,
          filters: WORKSPACE_FILES,
        });
        if (!target) return;
        await create.mutateAsync([target]);
      }
      if (isDatabase(path)) startImport(run, path, null);
      else {
        useImport.setState({
          current: { path, stage: "naming", progress: null, report: null, error: null, shown: true },
        });
      }
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

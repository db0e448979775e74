import { useLayoutEffect } from "react";
import { PlanContext, useActions, useShortcuts } from "../actions";
import { useWorkspace, useWorkspaceEvents } from "../api";
import { closeMaterialize, openEditPlan } from "../features/materialize";
import {
  ConnectDialog,
  CopyDialog,
  ImportDialog,
  StartScreen,
  useWorkspaceActions,
  useWorkspaceVerbs,
} from "../features/workspace";
import { loadView, SkeletonLines, setReadOnly } from "../shared";
import { frameActions } from "./frameActions";
import { HelpSheet } from "./HelpSheet";
import { Palette } from "./Palette";
import { Workspace } from "./Workspace";

/** The whole window: the start screen, or an open workspace. */
export function Frame() {
  const workspace = useWorkspace();
  const verbs = useWorkspaceVerbs();
  const location = workspace.data?.location;
  const readOnly = workspace.data?.read_only
    ? (workspace.data.read_only_reason ?? "it may only be read")
    : null;
  useActions("frame", frameActions);
  useWorkspaceActions(verbs);
  useWorkspaceEvents();
  useShortcuts();
  useLayoutEffect(() => setReadOnly(readOnly), [readOnly]);
  useLayoutEffect(() => {
    closeMaterialize();
    if (location) void loadView(location);
  }, [location]);

  return (
    <>
      {workspace.isPending && <SkeletonLines label="Starting" />}
      {workspace.data && (
        <PlanContext value={openEditPlan}>
          <Workspace key={location} info={workspace.data} />
        </PlanContext>
      )}
      {(workspace.data === null || (workspace.error && !workspace.data)) && (
        <StartScreen verbs={verbs} error={verbs.error ?? workspace.error} />
      )}
      <ConnectDialog />
      <ImportDialog />
      <CopyDialog />
      <Palette hasWorkspace={Boolean(workspace.data)} />
      <HelpSheet />
    </>
  );
}

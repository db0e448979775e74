export { ConnectDialog } from "./ConnectDialog";
export { CopyDialog } from "./CopyDialog";
export { DropDialog } from "./DropDialog";
export { EntityPanel } from "./EntityPanel";
export { ImportDialog } from "./ImportDialog";
export { PutAway } from "./PutAway";
export { StartScreen } from "./StartScreen";
export { useEntityActions } from "./useEntityActions";
export { useWorkspaceActions, useWorkspaceVerbs } from "./useWorkspaceActions";

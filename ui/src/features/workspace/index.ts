export { EntityPanel } from "./EntityPanel";
export { ImportDialog } from "./ImportDialog";
export { ImportStatus } from "./ImportStatus";
export { StartScreen } from "./StartScreen";
export { useWorkspaceActions, useWorkspaceVerbs } from "./useWorkspaceActions";

export { HistoryPanel } from "./HistoryPanel";
export { UndoStatus } from "./UndoStatus";
export { useHistoryActions } from "./useHistoryActions";
export { useUndoToast } from "./useUndoToast";

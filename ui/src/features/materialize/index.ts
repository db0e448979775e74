export { InterruptedNotice } from "./Interrupted";
export { MaterializePanel } from "./MaterializePanel";
export { RunningJobs } from "./RunningJobs";
export { StorageCard } from "./StorageCard";
export { closeMaterialize, openEditPlan, useMaterialize } from "./state";
export { useJobEndToast } from "./useJobEndToast";
export { useMaterializeActions } from "./useMaterializeActions";

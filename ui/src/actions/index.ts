export { ActionMenuItems } from "./ActionMenu";
export { useContextMenu } from "./ContextMenu";
export { PlanSwitch } from "./PlanSwitch";
export { PlanContext, type PlanFirst, usePlanFirst } from "./planFirst";
export * from "./registry";
export { keyMap, useShortcuts } from "./shortcuts";

export { ActionMenuItems } from "./ActionMenu";
export { useContextMenu } from "./ContextMenu";
export { PlanSwitch } from "./PlanSwitch";
export { PlanContext, usePlanFirst } from "./planFirst";
export * from "./registry";
export { keyMap, useShortcuts } from "./shortcuts";

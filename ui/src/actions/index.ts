export { ActionMenuItems } from "./ActionMenu";
export { useContextMenu } from "./ContextMenu";
export * from "./registry";
export { keyMap, useShortcuts } from "./shortcuts";

export { ActionMenuItems } from "./ActionMenu";
export * from "./registry";
export { keyMap, useShortcuts } from "./shortcuts";

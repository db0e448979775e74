export { useWorkspaceEvents } from "./events";
export * from "./history";
export * from "./interchange";
export * from "./jobs";
export * from "./records";
export * from "./schema";
export * from "./specs";
export type * from "./types";
export * from "./workspace";

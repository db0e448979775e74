export * from "./components";
export * from "./error";
export * from "./format";
export { ResizeHandle } from "./ResizeHandle";
export * from "./readOnly";
export { SqlBlock } from "./SqlBlock";
export * from "./storage";
export * from "./toast";
export * from "./view";

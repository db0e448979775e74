export { EntityInspector } from "./EntityInspector";

export { DiagramPanel } from "./DiagramPanel";

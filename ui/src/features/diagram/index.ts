export { DiagramPanel } from "./DiagramPanel";
export { useDiagramActions } from "./useDiagramActions";

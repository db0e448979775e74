/** The centre of the tab "Diagram"; fills its container. */
export function DiagramPanel() {
  return null;
}

/** The centre of the tab "Records": the grid of `useView().recordsEntity`; fills its container. */
export function RecordsPanel() {
  return null;
}

import type { ReactNode } from "react";

/** The right column: what is selected. `storage` is drawn under the title (the materialize card of that entity). */
export function EntityInspector({ storage }: { storage?: (entity: string) => ReactNode }) {
  void storage;
  return null;
}

import type { Tab } from "../shared";

/** The tabs of the centre, in order. */
export const TABS: { id: Tab; label: string }[] = [
  { id: "diagram", label: "Diagram" },
  { id: "records", label: "Records" },
  { id: "history", label: "History" },
];

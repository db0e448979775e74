import { useCallback, useMemo, useRef } from "react";
import { useLayout, useOverview, useSchema } from "../../api";
import { type Card, reuseCards, toCards } from "./cards";
import { toEdges } from "./edges";
import { useDiagram } from "./state";

const NO_COUNTS: ReadonlyMap<string, number> = new Map();

/** Everything the picture is made of. A card that says the same as before stays the same object. */
export function useDiagramData() {
  const schema = useSchema();
  const overview = useOverview();
  const layout = useLayout();
  const expanded = useDiagram((s) => s.expanded);
  const before = useRef<ReadonlyMap<string, Card>>(new Map());

  const counts = useMemo(
    () => (overview.data ? new Map(overview.data.map((e) => [e.id, e.records])) : NO_COUNTS),
    [overview.data],
  );
  const cards = useMemo(() => {
    if (!schema.data) return undefined;
    const made = reuseCards(before.current, toCards(schema.data, counts, expanded));
    before.current = new Map(made.map((card) => [card.id, card]));
    return made;
  }, [schema.data, counts, expanded]);
  const edges = useMemo(() => (schema.data ? toEdges(schema.data) : []), [schema.data]);
  const { refetch } = layout;
  const rereadLayout = useCallback(async () => (await refetch({ throwOnError: true })).data ?? [], [refetch]);
  return {
    schema: schema.data,
    cards,
    edges,
    stored: layout.data,
    rereadLayout,
    error: schema.error ?? layout.error,
    retry: () => {
      void schema.refetch();
      void layout.refetch();
    },
  };
}

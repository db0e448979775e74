import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type NodePosition, useMoveNodes, usePlaceNodes, useWorkspace } from "../../api";
import { toastError } from "../../shared";
import { type Card, rowMiddle } from "./cards";
import type { Edge } from "./edges";
import { LayoutCancelled, withElk } from "./elk";
import type { Point } from "./geometry";
import { type LayoutGraph, layoutAll, type Positions, placeBeside, shelves } from "./layout";

/** Ends referred to come first, so that the picture reads from left to right. */
function graphEdges(edges: readonly Edge[], cards: readonly Card[] = []): LayoutGraph["edges"] {
  const byId = new Map(cards.map((card) => [card.id, card]));
  return edges.map((e) => {
    const holder = byId.get(e.from);
    return { id: e.id, from: e.to, to: e.from, row: holder && rowMiddle(holder, e.id) };
  });
}

function asPositions(positions: Positions): NodePosition[] {
  return [...positions].map(([entity, { x, y }]) => ({ entity, x, y }));
}

/**
 * Places for entities that have none, found in a worker, and the command "Tidy". What a person has placed is never
 * moved by the first, which is therefore nothing to undo; "Tidy" is one step of undo.
 */
export function useAutoLayout(
  cards: readonly Card[] | undefined,
  edges: readonly Edge[],
  stored: readonly NodePosition[] | undefined,
  /** Reads the places anew. */
  reread: () => Promise<readonly NodePosition[]>,
) {
  const [found, setFound] = useState<ReadonlyMap<string, Point>>(new Map());
  const [busy, setBusy] = useState<number | null>(null);
  const running = useRef<AbortController | null>(null);
  const move = useMoveNodes();
  const readOnly = useRef(false);
  readOnly.current = useWorkspace().data?.read_only ?? false;
  const save = useRef(move.mutate);
  save.current = move.mutate;
  const place = useRef(usePlaceNodes().mutate);

  const known = useMemo(
    () => new Map<string, Point>([...found, ...(stored ?? []).map((p) => [p.entity, p] as const)]),
    [found, stored],
  );
  // Something to look at while the worker thinks: rows, shown only, in place of an empty canvas.
  const empty = known.size === 0 && busy !== null && cards !== undefined;
  const shown = useMemo(
    () => (empty ? shelves([...cards], { x: 0, y: 0 }, Math.sqrt(cards.length) * 420) : known),
    [empty, cards, known],
  );
  const homeless = stored && cards ? cards.filter((card) => !known.has(card.id)) : [];
  const wanting = homeless.map((card) => card.id).join();
  const latest = useRef({ cards, edges, known, homeless });
  latest.current = { cards, edges, known, homeless };

  const run = useCallback(async (work: (signal: AbortSignal) => Promise<Positions>, count: number) => {
    const control = new AbortController();
    running.current = control;
    setBusy(count);
    try {
      return await work(control.signal);
    } finally {
      if (running.current === control) running.current = null;
      setBusy(null);
    }
  }, []);

  useEffect(() => {
    if (wanting === "") return;
    // A moment's patience: an import brings its entities one event after the other.
    const timer = setTimeout(async () => {
      // Entities and places are read one after the other: one that seems to have none may have been given its place
      // by a person meanwhile. Then there is nothing to do, or this runs again for the others.
      const given = new Set((await reread().catch(() => [])).map((p) => p.entity));
      const { cards, edges, known, homeless } = latest.current;
      if (homeless.some((card) => given.has(card.id)) || homeless.length === 0) return;
      const placed = new Map(
        (cards ?? []).flatMap((card) => {
          const at = known.get(card.id);
          return at ? [[card.id, { ...at, width: card.width, height: card.height }] as const] : [];
        }),
      );
      let positions: Positions;
      try {
        positions = await run(
          (signal) => withElk(signal, (elk) => placeBeside(placed, homeless, graphEdges(edges, cards), elk)),
          homeless.length,
        );
      } catch (thrown) {
        if (!(thrown instanceof LayoutCancelled)) toastError(thrown, "No automatic layout");
        positions = shelves(homeless, { x: 0, y: 0 }, Math.sqrt(homeless.length) * 360);
      }
      setFound((old) => new Map([...old, ...positions]));
      if (!readOnly.current) place.current([asPositions(positions)]);
    }, 60);
    return () => clearTimeout(timer);
  }, [wanting, run, reread]);

  useEffect(() => () => running.current?.abort(), []);

  /** The places found, or null when it did not come to any. */
  const tidy = useCallback(async () => {
    const { cards, edges } = latest.current;
    if (!cards || cards.length === 0 || running.current) return null;
    try {
      const positions = await run(
        (signal) =>
          withElk(signal, (elk) => layoutAll({ nodes: [...cards], edges: graphEdges(edges, cards) }, elk)),
        cards.length,
      );
      save.current([asPositions(positions)], {
        onError: (error) => toastError(error, "The layout could not be saved"),
      });
      return positions;
    } catch (thrown) {
      if (!(thrown instanceof LayoutCancelled)) toastError(thrown, "No automatic layout");
      return null;
    }
  }, [run]);

  return { shown, provisional: empty, busy, tidy, cancel: () => running.current?.abort() };
}

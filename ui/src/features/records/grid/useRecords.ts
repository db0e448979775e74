import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type EntityRecord, type ListRequest, recordCount, recordPage } from "../../../api";

/** Records asked for at once. */
export const PAGE = 100;

/** What a page is a page of: everything of a request but its place. */
export type RecordsRequest = Pick<ListRequest, "where" | "search" | "sort" | "include">;

export interface Records {
  /** The record at a place of the order, once its page is there. */
  at: (index: number) => EntityRecord | undefined;
  /** How many there are; grows while `exact` is false. */
  total: number;
  exact: boolean;
  /** Nothing is known yet. */
  loading: boolean;
  /** What is shown answers an earlier request; the answer to this one is on its way. */
  stale: boolean;
  /** Why some page is missing; `lost` when none at all is there. */
  error: unknown;
  lost: boolean;
  retry: () => void;
  /** Records from `first` to `last`, read now where they are not there yet. */
  read: (first: number, last: number) => Promise<EntityRecord[]>;
}

const at = (page: number): ListRequest => ({ offset: page * PAGE, limit: PAGE });

/** Pages passed by during a fast scroll are not asked for: a page is asked for once the scroll rests on it. */
const REST_MS = 70;

/** The pages a range of rows lies on; the first one always, since it tells most. */
export function pagesOf(range: readonly [number, number] | null): number[] {
  const pages = new Set([0]);
  if (range) {
    for (let page = Math.floor(range[0] / PAGE); page <= Math.floor(range[1] / PAGE); page += 1)
      pages.add(page);
  }
  return [...pages];
}

/**
 * A window on any number of records: the pages `range` lies on are kept, and asked for when they are not there.
 * `hint` is how many there may be, for the first moments.
 */
export function useRecords(
  entity: string,
  request: RecordsRequest,
  range: readonly [number, number] | null,
  hint: number | undefined,
): Records {
  const client = useQueryClient();
  const pages = pagesOf(range);
  const resting = useRested(pages);
  const near = (page: number) => resting.some((p) => Math.abs(p - page) <= 1);
  const answers = useQueries({
    queries: pages.map((page) => ({
      ...recordPage(entity, { ...request, ...at(page) }),
      enabled: page === 0 || near(page),
    })),
  });
  const filter = { where: request.where, search: request.search };
  const count = useQuery(recordCount(entity, filter));

  const byPage = new Map(pages.map((page, i) => [page, answers[i]]));
  const whole = extent(byPage, count.data, request.where || request.search ? undefined : hint);
  const key = JSON.stringify(request);
  const now = {
    key,
    ...whole,
    rows: new Map([...byPage].map(([page, answer]) => [page, answer?.data?.records])),
  };
  // After a change of sort or filter the old rows stay until the new ones are there: nothing flashes.
  const shown = useRef(now);
  const arrived = [...byPage.values()].some((answer) => answer?.data);
  if (arrived || shown.current.key === key) shown.current = now;
  const { rows, total, exact } = shown.current;
  const stale = shown.current.key !== key;

  const failed = answers.find((answer) => answer.error);
  const read = useCallback(
    async (first: number, last: number) => {
      const wanted = pagesOf([first, last]).filter((p) => p >= Math.floor(first / PAGE));
      const found = [];
      for (const page of wanted) {
        found.push(
          ...(await client.ensureQueryData(recordPage(entity, { ...JSON.parse(key), ...at(page) }))).records,
        );
      }
      const start = Math.floor(first / PAGE) * PAGE;
      return found.slice(first - start, last - start + 1);
    },
    [client, entity, key],
  );
  // A new function only when a row can have changed, so that drawn rows are not drawn again for nothing.
  const stamp = [...byPage].map(([page, answer]) => `${page}:${answer?.dataUpdatedAt}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `stamp` and `stale` stand for `rows`
  const rowAt = useMemo(
    () => (index: number) => rows.get(Math.floor(index / PAGE))?.[index % PAGE],
    [stamp, stale, key],
  );
  return {
    at: rowAt,
    total,
    exact,
    loading: !arrived && !stale && !failed,
    stale,
    error: failed?.error ?? null,
    lost: Boolean(failed) && !arrived,
    retry: () => void Promise.all(answers.map((answer) => (answer.error ? answer.refetch() : null))),
    read,
  };
}

type Answer = { data?: { records: EntityRecord[]; next: string | null } } | undefined;

/** How many records there are, as far as is known: the count, else where the last page ends, else a guess. */
function extent(byPage: Map<number, Answer>, count: number | undefined, hint: number | undefined) {
  let least = 0;
  for (const [page, answer] of byPage) {
    if (!answer?.data) continue;
    const end = page * PAGE + answer.data.records.length;
    // The end of the list itself says more than any count, which may be of a moment ago.
    if (answer.data.next === null && (answer.data.records.length > 0 || page === 0))
      return { total: end, exact: true };
    least = Math.max(least, end + 1);
  }
  if (count !== undefined) return { total: Math.max(count, least), exact: true };
  return { total: Math.max(hint ?? 0, least), exact: false };
}

function useRested(pages: number[]): number[] {
  const [rested, setRested] = useState(pages);
  const key = pages.join();
  useEffect(() => {
    const timer = setTimeout(() => setRested(key.split(",").map(Number)), REST_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return rested;
}

import { keepPreviousData, type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { commands } from "./bindings";
import { call, useCommand } from "./call";
import { keys } from "./keys";
import { useOverview } from "./schema";
import type { EntityRecord, ListRequest, RecordPage, Value } from "./types";

/** A page of records; also for `useQueries` and `fetchQuery`, where a grid shows several pages at once. */
export function recordPage(entity: string, request: ListRequest) {
  return queryOptions({
    queryKey: [...keys.records, entity, "page", request],
    queryFn: () => call(commands.listRecords(entity, request)),
    gcTime: 60_000,
  });
}

/** How many records meet the request's filter and search. Apart from the page, which must never wait for it. */
export function recordCount(entity: string, request: Pick<ListRequest, "where" | "search">) {
  return queryOptions({
    queryKey: [...keys.records, entity, "count", request],
    queryFn: () => call(commands.countRecords(entity, request)),
  });
}

/** Up to so many records an entity is sorted by name in a picker; beyond, the first that match come at once. */
const SORTED_UP_TO = 50_000;

/**
 * Records whose primary value contains the text: what a picker offers. Until the answer is there, those of the last one
 * that contain it, so that what is offered always fits what was typed.
 */
export function useRecordSearch(entity: string, text: string, limit = 20) {
  const size = useOverview().data?.find((e) => e.id === entity)?.records ?? 0;
  const wanted = text.trim();
  const asked = useDeferredValue(wanted);
  const request: ListRequest = {
    search: asked || null,
    sort: size <= SORTED_UP_TO ? [{ field: "primary_value" }] : [],
    limit,
  };
  const { data, error, isPlaceholderData, isFetching } = useQuery({
    queryKey: [...keys.records, entity, "search", request],
    queryFn: () => call(commands.listRecords(entity, request)),
    placeholderData: keepPreviousData,
    gcTime: 10_000,
  });
  const stale = isPlaceholderData || asked !== wanted;
  const folded = wanted.toLowerCase();
  const found = (data?.records ?? []).filter(
    (r) => !stale || Boolean(r.primary_value?.toLowerCase().includes(folded)),
  );
  return { found, error, busy: stale || isFetching };
}

export function useRecord(entity: string, id: string | null) {
  return useQuery({
    queryKey: [...keys.records, entity, "one", id],
    queryFn: () => call(commands.record(entity, id ?? "")),
    enabled: id !== null,
  });
}

/** The pairs of one record in a many-to-many relationship. */
export function useLinks(relationship: string, record: string | null) {
  return useQuery({
    queryKey: [...keys.links, relationship, record],
    queryFn: () => call(commands.links(relationship, record ?? "")),
    enabled: record !== null,
  });
}

/** What deleting these records would take with it, for the preview. */
export function useDeleteImpact(entity: string, ids: string[] | null) {
  return useQuery({
    queryKey: [...keys.impact, "records", entity, ids],
    queryFn: () => call(commands.deleteImpact(entity, ids ?? [])),
    enabled: ids !== null && ids.length > 0,
    gcTime: 0,
  });
}

export const useInsertRecord = () => useCommand(commands.insertRecord);
export const useUpdateRecord = () => useCommand(commands.updateRecord);
export const useDeleteRecords = () => useCommand(commands.deleteRecords);
export const useAddLinks = () => useCommand(commands.addLinks);
export const useRemoveLinks = () => useCommand(commands.removeLinks);

type Data = { [field: string]: Value };

/** The same as functions, for work that is not one mutation: queued edits, pasting, links of a new record. */
export const listRecords = (entity: string, request: ListRequest) =>
  call(commands.listRecords(entity, request));
export const insertRecord = (entity: string, data: Data) => call(commands.insertRecord(entity, data));
export const updateRecord = (entity: string, id: string, patch: Data, version: number | null) =>
  call(commands.updateRecord(entity, id, patch, version));
export const addLinks = (relationship: string, from: string, record: string, others: string[]) =>
  call(commands.addLinks(relationship, from, record, others, null));
export const removeLinks = (relationship: string, from: string, record: string, others: string[]) =>
  call(commands.removeLinks(relationship, from, record, others));

/** Puts a record the engine answered with into every page that shows it; links it did not answer with stay as they were. */
export function showRecord(client: QueryClient, entity: string, record: EntityRecord): void {
  const fresh = (old: EntityRecord): EntityRecord =>
    old.id === record.id ? { ...record, links: { ...old.links, ...record.links } } : old;
  client.setQueriesData<RecordPage>({ queryKey: [...keys.records, entity, "page"] }, (page) =>
    page?.records.some((r) => r.id === record.id) ? { ...page, records: page.records.map(fresh) } : page,
  );
}

import { queryOptions, useQuery } from "@tanstack/react-query";
import { commands } from "./bindings";
import { call, useCommand } from "./call";
import { keys } from "./keys";
import type { ListRequest } from "./types";

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

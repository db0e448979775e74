import { create } from "zustand";
import type { Connection } from "../../api";
import { type AppError, toAppError } from "../../shared";

export const EMPTY: Connection = {
  host: "localhost",
  port: 5432,
  database: "",
  schema: "public",
  user: "",
  ssl_mode: "prefer",
  ca_file: null,
};

interface ConnectState {
  /** What the form starts with; null while it is closed. */
  form: { connection: Connection; error: AppError | null } | null;
}

/** The one form for a workspace on a server. */
export const useConnect = create<ConnectState>(() => ({ form: null }));

export function openConnect(connection: Connection = EMPTY, error: unknown = null): void {
  useConnect.setState({ form: { connection, error: error === null ? null : toAppError(error) } });
}

export function closeConnect(): void {
  useConnect.setState({ form: null });
}

export function isAddress(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text.trim());
}

export type Place = "host" | "port" | "database" | "schema" | "user" | "password" | "ssl_mode" | "ca_file";

/** Why a server could not be reached, by the control that puts it right. */
const PLACE_OF_REASON: Record<string, Place> = {
  refused: "port",
  timed_out: "host",
  unknown_host: "host",
  bad_password: "password",
  password_needed: "password",
  no_such_database: "database",
  no_such_schema: "schema",
  no_tls: "ssl_mode",
  certificate: "ssl_mode",
  ca_file: "ca_file",
};

/** The control an error belongs to, or null when it belongs to all of them. */
export function placeOf(error: AppError | null): Place | null {
  const details = error?.details as { reason?: unknown; missing?: unknown; schema?: unknown } | undefined;
  if (typeof details?.reason === "string") return PLACE_OF_REASON[details.reason] ?? null;
  if (typeof details?.missing === "string") return details.missing as Place;
  if (schemasOf(error).length > 0 && typeof details?.schema === "string") return "schema";
  return null;
}

/** The schemas there are, where an error names them. */
export function schemasOf(error: AppError | null): string[] {
  const { schemas } = (error?.details ?? {}) as { schemas?: unknown };
  return Array.isArray(schemas) ? schemas.filter((s) => typeof s === "string") : [];
}

/** The schema, or the whole of its tables, is not there yet: it can be made. */
export function canBeMade(error: AppError | null): boolean {
  return error?.code === "not_a_workspace";
}

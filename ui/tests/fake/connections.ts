// The part of the stand-in that plays servers: one host, one user, one password.
import type { Connection } from "../../src/api/bindings";

// biome-ignore lint/suspicious/noExplicitAny: what a command gets is checked by the bindings, not here
type Args = any;

export interface FakeServer {
  password: string;
  /** The schema holds a workspace. */
  workspace: boolean;
  /** Why this machine keeps no passwords; null where it does. */
  noKeyring: string | null;
  kept: boolean;
  /** The schemas of the last import. */
  imported?: string[];
}

const SCHEMAS = ["public", "shop"];

const refuse = (code: string, message: string, reason: string) => {
  throw { code, message, details: { reason } };
};

/** Commands on connections. `open` is called when one opens a workspace, `carry` for what an import brings. */
export function connectionCommands(
  server: FakeServer,
  open: (connection: Connection) => unknown,
  carry: () => unknown,
) {
  const check = ({ connection, password }: { connection: Connection; password: string | null }) => {
    if (connection.host !== "db.example.org") {
      refuse("connection_failed", `There is no host ${connection.host}.`, "unknown_host");
    }
    if ((password ?? (server.kept ? server.password : null)) !== server.password) {
      refuse("connection_failed", "The server refused this user or password.", "bad_password");
    }
  };
  const state = () => ({ kept: server.kept, reason: server.noKeyring });
  return {
    parse_connection: ({ address }: Args) => {
      const url = new URL(address);
      return {
        connection: {
          host: url.hostname,
          port: Number(url.port || 5432),
          database: url.pathname.slice(1),
          schema: url.searchParams.get("schema") ?? "public",
          user: url.username,
          ssl_mode: url.searchParams.get("sslmode") ?? "prefer",
          ca_file: url.searchParams.get("sslrootcert"),
        },
        password: url.password || null,
      };
    },
    test_connection: (args: Args) => {
      check(args);
      return {
        version: "16.4",
        encrypted: true,
        workspace: server.workspace,
        may_create: true,
        round_trip_ms: 7,
        schemas: SCHEMAS,
      };
    },
    connect: (args: Args) => {
      check(args);
      if (!server.workspace && !args.create) {
        throw { code: "not_a_workspace", message: "There is no workspace there.", details: {} };
      }
      server.workspace = true;
      if (args.password !== null) server.kept = args.remember && server.noKeyring === null;
      return [open(args.connection), state()];
    },
    import_database: (args: Args) => {
      check(args);
      const missing = args.schemas.find((schema: string) => !SCHEMAS.includes(schema));
      if (missing) {
        const details = { schema: missing, schemas: SCHEMAS };
        throw { code: "invalid_input", message: `The database has no schema "${missing}".`, details };
      }
      server.imported = args.schemas;
      return carry();
    },
    kept_password: state,
  };
}

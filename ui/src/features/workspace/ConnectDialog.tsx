import { Button, Checkbox, Modal, NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import { CircleCheck } from "lucide-react";
import { type ChangeEvent, type ReactNode, useState } from "react";
import {
  type Connection,
  type ServerInfo,
  type SslMode,
  useConnectServer,
  useKeptPassword,
  useParseConnection,
  useTestConnection,
} from "../../api";
import { type AppError, ErrorNotice, toAppError, toast } from "../../shared";
import css from "./connect.module.css";
import { canBeMade, closeConnect, isAddress, type Place, placeOf, useConnect } from "./connectState";

const SSL: { value: SslMode; label: string }[] = [
  { value: "disable", label: "disable – never encrypted" },
  { value: "allow", label: "allow – only if the server insists" },
  { value: "prefer", label: "prefer – encrypted if the server can" },
  { value: "require", label: "require – encrypted, whoever the server is" },
  { value: "verify-ca", label: "verify-ca – with a trusted certificate" },
  { value: "verify-full", label: "verify-full – trusted, and for this host" },
];

/** The id of the one message about a box. */
const PROBLEM = "connection-problem";

/** A workspace on a Postgres server: by fields or by a pasted address. */
export function ConnectDialog() {
  const form = useConnect((s) => s.form);
  return (
    <Modal opened={form !== null} onClose={closeConnect} title="Connect to Postgres" centered size={520}>
      {form && <Form key={JSON.stringify(form)} first={form.connection} refused={form.error} />}
    </Modal>
  );
}

function Form(props: { first: Connection; refused: AppError | null }) {
  const [connection, setConnection] = useState(props.first);
  const [password, setPassword] = useState<string | null>(null);
  const [remember, setRemember] = useState(true);
  const [error, setError] = useState<AppError | null>(props.refused);
  const [found, setFound] = useState<ServerInfo | null>(null);
  const parse = useParseConnection();
  const test = useTestConnection();
  const connect = useConnectServer();
  const kept = useKeptPassword(connection);
  const busy = test.isPending || connect.isPending;
  const noKeyring = kept.data?.reason ?? null;

  // What was found out holds for what it was asked of.
  const forget = () => {
    setFound(null);
    setError(null);
  };
  const set = (patch: Partial<Connection>) => {
    forget();
    setConnection((before) => ({ ...before, ...patch }));
  };
  const fail = (thrown: unknown) => {
    setFound(null);
    setError(toAppError(thrown));
  };
  const paste = (address: string) =>
    parse.mutate([address], {
      onSuccess: (parsed) => {
        set(parsed.connection);
        if (parsed.password !== null) setPassword(parsed.password);
      },
      onError: fail,
    });
  const open = (create: boolean) => {
    forget();
    connect.mutate([connection, password, remember && noKeyring === null, create], {
      onSuccess: ([info, keptNow]) => {
        closeConnect();
        if (keptNow.reason !== null) toast(`Connected to ${info.name}. ${keptNow.reason}`);
      },
      onError: fail,
    });
  };
  const at = placeOf(error);
  const wrong = (...places: Place[]) => (at && places.includes(at) ? error?.message : undefined);
  const text = (
    place: "host" | "port" | "database" | "schema" | "user",
    label: string,
    className?: string,
  ) => ({
    className,
    label,
    value: String(connection[place]),
    error: at === place,
    "aria-describedby": at === place ? PROBLEM : undefined,
    spellCheck: false,
    onChange: (event: ChangeEvent<HTMLInputElement>) => set({ [place]: event.currentTarget.value }),
  });
  const verifies = connection.ssl_mode === "verify-ca" || connection.ssl_mode === "verify-full";

  return (
    <form
      className={css.form}
      aria-label="Connection"
      onSubmit={(event) => {
        event.preventDefault();
        open(false);
      }}
    >
      <p className={css.lead}>Fill this in, or paste a whole address into Host: postgres://…</p>
      <Row error={wrong("host", "port")}>
        <TextInput
          {...text("host", "Host", css.wide)}
          data-autofocus={props.refused === null || undefined}
          onChange={(event) => {
            const typed = event.currentTarget.value;
            if (isAddress(typed)) paste(typed);
            else set({ host: typed });
          }}
        />
        <TextInput
          {...text("port", "Port", css.narrow)}
          inputMode="numeric"
          onChange={(event) =>
            set({ port: Math.min(65535, Number(event.currentTarget.value.replace(/\D/g, ""))) })
          }
        />
      </Row>
      <Row error={wrong("database", "schema")}>
        <TextInput {...text("database", "Database", css.wide)} />
        <TextInput {...text("schema", "Schema", css.half)} />
      </Row>
      <Row error={wrong("user", "password")}>
        <TextInput {...text("user", "User", css.wide)} autoComplete="off" />
        <PasswordInput
          className={css.half}
          label="Password"
          value={password ?? ""}
          placeholder={kept.data?.kept && password === null ? "kept in the keyring" : undefined}
          error={at === "password"}
          aria-invalid={at === "password"}
          aria-describedby={at === "password" ? PROBLEM : undefined}
          data-autofocus={props.refused !== null || undefined}
          autoComplete="off"
          onChange={(event) => {
            forget();
            setPassword(event.currentTarget.value);
          }}
        />
      </Row>
      <NativeSelect
        label="Encryption"
        data={SSL}
        value={connection.ssl_mode}
        error={wrong("ssl_mode")}
        onChange={(event) => set({ ssl_mode: event.currentTarget.value as SslMode })}
      />
      {verifies && (
        <TextInput
          label="Certificates to trust"
          description="A PEM file; empty for those this system trusts"
          value={connection.ca_file ?? ""}
          error={wrong("ca_file")}
          spellCheck={false}
          onChange={(event) => set({ ca_file: event.currentTarget.value || null })}
        />
      )}
      <Checkbox
        label="Keep the password in this system's keyring"
        description={noKeyring ?? undefined}
        disabled={noKeyring !== null}
        checked={remember && noKeyring === null}
        onChange={(event) => setRemember(event.currentTarget.checked)}
      />
      {canBeMade(error) ? (
        <div className={css.found} role="status">
          <span>
            There is no workspace in the schema “{connection.schema}” yet. It can be made now, with nothing in
            it.
          </span>
          <Button onClick={() => open(true)} loading={connect.isPending}>
            Make a workspace here
          </Button>
        </div>
      ) : (
        <Outcome error={at === null ? error : null} found={found} />
      )}
      <div className={css.buttons}>
        <Button
          className={css.left}
          loading={test.isPending}
          disabled={busy}
          onClick={() => {
            forget();
            test.mutate([connection, password], { onSuccess: setFound, onError: fail });
          }}
        >
          Test
        </Button>
        <Button onClick={closeConnect}>Cancel</Button>
        <Button type="submit" variant="filled" loading={connect.isPending} disabled={busy}>
          Connect
        </Button>
      </div>
    </form>
  );
}

/** Two boxes beside each other, and under both of them what is wrong with one. */
function Row({ error, children }: { error: string | undefined; children: ReactNode }) {
  return (
    <div>
      <div className={css.row}>{children}</div>
      {error && (
        <p id={PROBLEM} className={css.wrong} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** How the last test or attempt went, where it is no single field's fault. */
function Outcome(props: { error: AppError | null; found: ServerInfo | null }) {
  if (props.error) return <ErrorNotice error={props.error} />;
  if (!props.found) return null;
  const { version, encrypted, round_trip_ms: away, workspace, may_create: mayCreate } = props.found;
  const holds = workspace
    ? "Holds a workspace."
    : mayCreate
      ? "No workspace there yet: Connect offers to make one."
      : "No workspace there, and this user may not make one.";
  return (
    <p className={css.found} role="status">
      <CircleCheck size={16} aria-hidden />
      <span>
        Postgres {version}, {encrypted ? "encrypted" : "not encrypted"},{" "}
        {away < 1 ? "under 1 ms" : `${away} ms`} away. {holds}
      </span>
    </p>
  );
}

import { NativeSelect, PasswordInput, TextInput, type TextInputProps } from "@mantine/core";
import { CircleCheck } from "lucide-react";
import type { ChangeEvent, ReactNode } from "react";
import type { SslMode } from "../../api";
import { ErrorNotice } from "../../shared";
import css from "./connect.module.css";
import { isAddress } from "./connectState";
import type { ServerForm } from "./serverForm";

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

/** What explains a box stands below it, where it parts no box from its label. */
export const HINT_BELOW: InputWrapperOrder = ["label", "input", "description", "error"];
type InputWrapperOrder = NonNullable<TextInputProps["inputWrapperOrder"]>;

/** How a server is reached, by fields or by a pasted address; `schema` asks for the one a workspace lies in as well. */
export function ServerFields({ form, schema }: { form: ServerForm; schema: boolean }) {
  const { connection, at, set, wrong } = form;
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
    <>
      <p className={css.lead}>Fill this in, or paste a whole address into Host: postgres://…</p>
      <Row error={wrong("host", "port")}>
        <TextInput
          {...text("host", "Host", css.wide)}
          data-autofocus={!form.again || undefined}
          onChange={(event) => {
            const typed = event.currentTarget.value;
            if (isAddress(typed)) form.paste(typed);
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
      <Row error={schema ? wrong("database", "schema") : wrong("database")}>
        <TextInput {...text("database", "Database", css.wide)} />
        {schema && <TextInput {...text("schema", "Schema", css.half)} />}
      </Row>
      <Row error={wrong("user", "password")}>
        <TextInput {...text("user", "User", css.wide)} autoComplete="off" />
        <PasswordInput
          className={css.half}
          label="Password"
          value={form.password ?? ""}
          placeholder={form.kept?.kept && form.password === null ? "kept in the keyring" : undefined}
          error={at === "password"}
          aria-invalid={at === "password"}
          aria-describedby={at === "password" ? PROBLEM : undefined}
          data-autofocus={form.again || undefined}
          autoComplete="off"
          onChange={(event) => form.setPassword(event.currentTarget.value)}
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
          inputWrapperOrder={HINT_BELOW}
          value={connection.ca_file ?? ""}
          error={wrong("ca_file")}
          spellCheck={false}
          onChange={(event) => set({ ca_file: event.currentTarget.value || null })}
        />
      )}
    </>
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

/** How the last test or attempt went, where it is no single field's fault; `holds` says what was found there. */
export function Outcome({ form, holds }: { form: ServerForm; holds: string }) {
  if (form.error && form.at === null) return <ErrorNotice error={form.error} />;
  if (!form.found) return null;
  const { version, encrypted, round_trip_ms: away } = form.found;
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

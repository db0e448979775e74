import { Button, TagsInput } from "@mantine/core";
import { useState } from "react";
import type { Connection } from "../../api";
import { type AppError, plural } from "../../shared";
import css from "./connect.module.css";
import { EMPTY, schemasOf } from "./connectState";
import { type ServerSource, sourceName } from "./importState";
import { HINT_BELOW, Outcome, ServerFields } from "./ServerFields";
import { useServerForm } from "./serverForm";
import { useRoom } from "./useImporting";

/** Which database to import, and which of its schemas. */
export function ImportServer(props: {
  from: ServerSource;
  error: AppError | null;
  onImport: (from: ServerSource) => void;
  onCancel: () => void;
}) {
  const [schemas, setSchemas] = useState(props.from.schemas);
  const [starting, setStarting] = useState(false);
  // A schema in an address is one to take here, not one for a workspace to lie in.
  const pasted = (connection: Connection) => {
    if (connection.schema !== EMPTY.schema) setSchemas([connection.schema ?? ""]);
    return { ...connection, schema: EMPTY.schema };
  };
  const form = useServerForm({ ...props.from, error: props.error }, pasted);
  const room = useRoom();
  const busy = form.testing || starting;
  const known = form.found?.schemas ?? schemasOf(form.error);

  const start = async () => {
    setStarting(true);
    const from = { connection: form.connection, password: form.password, schemas };
    try {
      // No workspace is made for a server that cannot be reached.
      if ((await form.reach()) && (await room(sourceName(from)))) props.onImport(from);
    } catch (thrown) {
      form.fail(thrown);
    } finally {
      setStarting(false);
    }
  };

  return (
    <form
      className={css.form}
      aria-label="Connection"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <ServerFields form={form} schema={false} />
      <TagsInput
        label="Schemas"
        description={
          known.length > 0 && form.at !== "schema"
            ? `There are ${known.join(", ")}. Empty for all.`
            : "Empty for all; Enter after each."
        }
        inputWrapperOrder={HINT_BELOW}
        value={schemas}
        data={known}
        error={form.wrong("schema")}
        clearable
        acceptValueOnBlur
        splitChars={[","]}
        comboboxProps={{ withinPortal: true, shadow: "none" }}
        onChange={(next) => {
          if (form.at === "schema") form.forget();
          setSchemas(next);
        }}
      />
      <Outcome form={form} holds={form.found ? holds(form.found.schemas) : ""} />
      <div className={css.buttons}>
        <Button className={css.left} loading={form.testing && !starting} disabled={busy} onClick={form.test}>
          Test
        </Button>
        <Button onClick={props.onCancel}>Cancel</Button>
        <Button type="submit" variant="filled" loading={starting} disabled={busy}>
          Import
        </Button>
      </div>
    </form>
  );
}

function holds(schemas: string[]): string {
  return schemas.length === 0 ? "No tables there." : `Tables in ${plural(schemas.length, "schema")}.`;
}

import { Button, Checkbox, Modal } from "@mantine/core";
import { useState } from "react";
import { type Connection, type ServerInfo, useConnectServer } from "../../api";
import { type AppError, toast } from "../../shared";
import css from "./connect.module.css";
import { canBeMade, closeConnect, useConnect } from "./connectState";
import { Outcome, ServerFields } from "./ServerFields";
import { useServerForm } from "./serverForm";

/** A workspace on a Postgres server. */
export function ConnectDialog() {
  const form = useConnect((s) => s.form);
  return (
    <Modal opened={form !== null} onClose={closeConnect} title="Connect to Postgres" centered size={520}>
      {form && <Form key={JSON.stringify(form)} first={form.connection} refused={form.error} />}
    </Modal>
  );
}

function Form(props: { first: Connection; refused: AppError | null }) {
  const form = useServerForm({ connection: props.first, password: null, error: props.refused });
  const [remember, setRemember] = useState(true);
  const connect = useConnectServer();
  const { connection, error } = form;
  const busy = form.testing || connect.isPending;
  const noKeyring = form.kept?.reason ?? null;

  const open = (create: boolean) => {
    form.forget();
    connect.mutate([connection, form.password, remember && noKeyring === null, create], {
      onSuccess: ([info, keptNow]) => {
        closeConnect();
        if (keptNow.reason !== null) toast(`Connected to ${info.name}. ${keptNow.reason}`);
      },
      onError: form.fail,
    });
  };

  return (
    <form
      className={css.form}
      aria-label="Connection"
      onSubmit={(event) => {
        event.preventDefault();
        open(false);
      }}
    >
      <ServerFields form={form} schema />
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
        <Outcome form={form} holds={form.found ? holds(form.found) : ""} />
      )}
      <div className={css.buttons}>
        <Button className={css.left} loading={form.testing} disabled={busy} onClick={form.test}>
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

function holds({ workspace, may_create: mayCreate }: ServerInfo): string {
  if (workspace) return "Holds a workspace.";
  return mayCreate
    ? "No workspace there yet: Connect offers to make one."
    : "No workspace there, and this user may not make one.";
}

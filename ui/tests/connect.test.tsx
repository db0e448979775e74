// Connecting to a server: each refusal at the control that puts it right.
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import {
  ConnectDialog,
  ImportDialog,
  StartScreen,
  useWorkspaceActions,
  useWorkspaceVerbs,
} from "../src/features/workspace";
import { useImport } from "../src/features/workspace/importState";
import type { FakeServer } from "./fake/connections";
import { type FakeState, installFake } from "./fake/engine";
import { roastery } from "./fake/roastery";
import { draw } from "./render";

let state: FakeState;
let server: FakeServer;
beforeEach(() => {
  useImport.setState({ current: null });
  server = { password: "grinder", workspace: true, noKeyring: null, kept: false };
  state = installFake({ ...roastery(), open: false, pace: 5, server });
});

function Start() {
  const verbs = useWorkspaceVerbs();
  useWorkspaceActions(verbs);
  return (
    <>
      <StartScreen verbs={verbs} error={verbs.error} />
      <ConnectDialog />
      <ImportDialog />
    </>
  );
}

async function dialog(name = "Connect to Postgres") {
  const user = userEvent.setup();
  draw(<Start />);
  await user.click(await screen.findByRole("button", { name }));
  const form = within(await screen.findByRole("dialog", { name }));
  const fill = async (name: string, text: string) => {
    const box = form.getByLabelText(name);
    await user.clear(box);
    await user.type(box, text);
  };
  return { user, form, fill };
}

describe("connecting to a server", () => {
  it("takes a pasted address, and opens the workspace", async () => {
    const { user, form } = await dialog();
    await user.clear(form.getByLabelText("Host"));
    await user.click(form.getByLabelText("Host"));
    await user.paste("postgres://ann:grinder@db.example.org:6543/roastery?schema=beans&sslmode=verify-full");
    await waitFor(() => expect(form.getByLabelText("Database")).toHaveValue("roastery"));
    expect(form.getByLabelText("Port")).toHaveValue("6543");
    expect(form.getByLabelText("Schema")).toHaveValue("beans");
    expect(form.getByLabelText("User")).toHaveValue("ann");
    expect(form.getByLabelText("Encryption")).toHaveValue("verify-full");
    expect(form.getByLabelText("Certificates to trust")).toBeInTheDocument();
    await user.click(form.getByRole("button", { name: "Connect" }));
    await waitFor(() => expect(state.open).toBe(true));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(server.kept).toBe(true);
  });

  it("says at the password that it is wrong, at the host that there is none", async () => {
    const { user, form, fill } = await dialog();
    await fill("Host", "nowhere");
    await fill("Database", "roastery");
    await fill("User", "ann");
    await user.click(form.getByRole("button", { name: "Test" }));
    expect(await form.findByText("There is no host nowhere.")).toBeInTheDocument();
    expect(form.getByLabelText("Host")).toBeInvalid();
    await fill("Host", "db.example.org");
    expect(form.queryByText("There is no host nowhere.")).not.toBeInTheDocument();
    await fill("Password", "wrong");
    await user.click(form.getByRole("button", { name: "Connect" }));
    expect(await form.findByText("The server refused this user or password.")).toBeInTheDocument();
    expect(form.getByLabelText("Password")).toBeInvalid();
    expect(form.getByLabelText("Database")).toHaveValue("roastery");
    await fill("Password", "grinder");
    await user.click(form.getByRole("button", { name: "Test" }));
    expect(await form.findByRole("status")).toHaveTextContent(
      "Postgres 16.4, encrypted, 7 ms away. Holds a workspace.",
    );
  });

  it("offers to make a workspace where there is none", async () => {
    server.workspace = false;
    const { user, form, fill } = await dialog();
    await fill("Host", "db.example.org");
    await fill("Database", "roastery");
    await fill("User", "ann");
    await fill("Password", "grinder");
    await user.click(form.getByRole("button", { name: "Connect" }));
    await user.click(await form.findByRole("button", { name: "Make a workspace here" }));
    await waitFor(() => expect(state.open).toBe(true));
    expect(server.workspace).toBe(true);
  });

  it("says why a password cannot be kept", async () => {
    server.noKeyring = "No keyring answers here.";
    const { form } = await dialog();
    expect(await form.findByText("No keyring answers here.")).toBeInTheDocument();
    expect(form.getByLabelText(/Keep the password/)).toBeDisabled();
  });
});

describe("importing a server's database", () => {
  const importing = () => dialog("Import from a Postgres database");

  it("makes a workspace for it once the server is reached, takes the schemas named, and reports", async () => {
    state.picked = "/data/beans workspace.db";
    const { user, form, fill } = await importing();
    await user.clear(form.getByLabelText("Host"));
    await user.click(form.getByLabelText("Host"));
    await user.paste("postgres://ann:wrong@db.example.org/beans?schema=shop");
    await waitFor(() => expect(form.getByLabelText("Database")).toHaveValue("beans"));
    expect(form.getByText("shop")).toBeInTheDocument();
    await user.click(form.getByRole("button", { name: "Import" }));
    expect(await form.findByText("The server refused this user or password.")).toBeInTheDocument();
    expect(form.getByLabelText("Password")).toBeInvalid();
    expect(state.open).toBe(false);
    await fill("Password", "grinder");
    await user.click(form.getByRole("button", { name: "Import" }));
    expect(await screen.findByRole("progressbar", { name: "Importing beans" })).toBeInTheDocument();
    expect(state.open).toBe(true);
    expect(await screen.findByText("6,892")).toBeInTheDocument();
    expect(screen.getByText("track_audit")).toBeInTheDocument();
    expect(server.imported).toEqual(["shop"]);
    await user.click(screen.getByRole("button", { name: "Done" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  });

  it("comes back to the form with what was filled in when a schema is not there", async () => {
    state.open = true;
    server.kept = true;
    const { user, form, fill } = await importing();
    await fill("Host", "db.example.org");
    await fill("Database", "beans");
    await user.click(form.getByRole("button", { name: "Test" }));
    expect(await form.findByRole("status")).toHaveTextContent("7 ms away. Tables in 2 schemas.");
    expect(form.getByText("There are public, shop. Empty for all.")).toBeInTheDocument();
    await user.type(form.getByRole("combobox", { name: "Schemas" }), "shoop");
    await user.click(form.getByRole("button", { name: "Import" }));
    expect(await form.findByText('The database has no schema "shoop".')).toBeInTheDocument();
    expect(form.getByLabelText("Database")).toHaveValue("beans");
    expect(form.getByText("shoop")).toBeInTheDocument();
    await user.click(form.getByRole("combobox", { name: "Schemas" }));
    await user.keyboard("{Backspace}");
    await user.click(form.getByRole("button", { name: "Import" }));
    expect(await screen.findByText("6,892")).toBeInTheDocument();
    expect(server.imported).toEqual([]);
  });
});

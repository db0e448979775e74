// The whole window at once, on the stand-in.
import { emit } from "@tauri-apps/api/event";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { runAction } from "../src/actions";
import { App } from "../src/app/App";
import { queryClient } from "../src/app/queryClient";
import { useView } from "../src/shared";
import { type FakeState, installFake } from "./fake/engine";
import { roastery } from "./fake/roastery";

let state: FakeState;
beforeEach(() => {
  localStorage.clear();
  queryClient.clear();
  state = installFake({ ...roastery(), pace: 5 });
});

describe("the window", () => {
  it("has its parts under their names", async () => {
    render(<App />);
    const tabs = within(await screen.findByRole("tablist", { name: "Views" }));
    expect(tabs.getAllByRole("tab").map((t) => t.textContent)).toEqual(["Diagram", "Records", "History"]);
    expect(tabs.getByRole("tab", { name: "Diagram" })).toHaveAttribute("aria-selected", "true");
    expect(await screen.findByRole("tree", { name: "Entities" })).toBeInTheDocument();
    expect(screen.getByRole("complementary", { name: "Inspector" })).toBeInTheDocument();
    expect(screen.getByRole("contentinfo")).toHaveTextContent("6 entities · 5 relationships");
    expect(await screen.findByText("Undo: rename field total")).toBeInTheDocument();
  });

  it("goes from tab to tab with the arrows", async () => {
    const user = userEvent.setup();
    render(<App />);
    (await screen.findByRole("tab", { name: "Diagram" })).focus();
    await user.keyboard("{ArrowLeft}");
    expect(screen.getByRole("tab", { name: "History" })).toHaveAttribute("aria-selected", "true");
    expect(screen.getByRole("tab", { name: "History" })).toHaveFocus();
    expect(await screen.findByRole("tabpanel", { name: "History" })).toBeInTheDocument();
  });

  it("finds entities and commands in the palette", async () => {
    const user = userEvent.setup();
    render(<App />);
    await screen.findByRole("tree");
    await user.keyboard("{Control>}k{/Control}");
    const search = await screen.findByRole("textbox", { name: "Search or command" });
    await user.type(search, "shipm");
    await user.keyboard("{ArrowDown}{Enter}");
    const shipment = state.entities.find((e) => e.name === "shipment");
    await waitFor(() =>
      expect(useView.getState().selection).toEqual({ kind: "entity", entity: shipment?.id }),
    );
  });

  it("leaves the keyboard with what a command of the palette opens, and gives it back when none is run", async () => {
    const user = userEvent.setup();
    render(<App />);
    const tree = await screen.findByRole("tree", { name: "Entities" });
    await user.click(await screen.findByRole("treeitem", { name: "Order" }));
    tree.focus();
    const palette = async (text: string) => {
      await user.keyboard("{Control>}k{/Control}");
      await user.type(await screen.findByRole("textbox", { name: "Search or command" }), text);
    };
    await palette("tidy{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(tree).toHaveFocus();

    await palette("rename{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    // Whoever wants the keyboard back asks for it within some frames.
    await new Promise((rest) => setTimeout(rest, 60));
    expect(within(tree).getByRole("textbox")).toHaveFocus();
  });

  it("lists every key under ?", async () => {
    const user = userEvent.setup();
    render(<App />);
    await screen.findByRole("tree");
    await user.keyboard("?");
    const help = await screen.findByRole("dialog", { name: "Keyboard shortcuts" });
    for (const text of ["Search or command", "Go to Records", "Materialize", "New entity"]) {
      expect(within(help).getAllByText(text).length).toBeGreaterThan(0);
    }
  });

  it("closes the workspace and is back at the start", async () => {
    const user = userEvent.setup();
    render(<App />);
    await screen.findByRole("treeitem", { name: "Order" });
    await user.click(screen.getByRole("button", { name: "Workspace Roastery" }));
    await user.click(await screen.findByRole("menuitem", { name: /Close the workspace/ }));
    expect(await screen.findByRole("button", { name: "Open the sample workspace" })).toBeInTheDocument();
  });
});

describe("a workspace that may only be read", () => {
  beforeEach(() => {
    state = installFake({ ...roastery(), pace: 5, readOnly: "the user clerk may not write kdb_records" });
  });

  it("says so and why, and offers nothing that would change it", async () => {
    const user = userEvent.setup();
    render(<App />);
    await user.click(await screen.findByRole("treeitem", { name: "Order" }));
    expect(
      screen.getByRole("note", { name: /^Read-only: the user clerk may not write/ }),
    ).toBeInTheDocument();
    await screen.findByRole("heading", { name: "Order" });
    for (const name of ["New entity", "Add field", "Materialize", "Drop entity", "Tidy", "Entity"]) {
      expect(screen.queryByRole("button", { name }), name).not.toBeInTheDocument();
    }
    expect(screen.queryByText(/^Undo:/)).not.toBeInTheDocument();
    // What there is can be looked at, the SQL of a plan too.
    await user.click(screen.getByRole("button", { name: /^number/ }));
    expect(screen.getByRole("textbox", { name: "Field name" })).toBeDisabled();
    for (const box of screen.getAllByRole("textbox", { name: "Label" })) expect(box).toBeDisabled();
    expect(screen.queryByText(/Materialize them once/)).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Show plan" }));
    const plan = within(await screen.findByRole("region", { name: "Plan to materialize Order" }));
    expect(await plan.findByRole("button", { name: "Materialize" })).toBeDisabled();
  });

  it("invites nobody to do what cannot be done there", async () => {
    state.relationships = [];
    const user = userEvent.setup();
    render(<App />);
    await user.click(await screen.findByRole("treeitem", { name: "Order" }));
    expect(await screen.findByText("None yet.")).toBeInTheDocument();
    expect(screen.queryByText(/Drag from/)).not.toBeInTheDocument();
    state.entities = [];
    await act(() => queryClient.invalidateQueries());
    expect((await screen.findAllByText("No entities yet")).length).toBe(2);
    await user.click(screen.getByRole("tab", { name: "Records" }));
    expect(await screen.findByText("This workspace has no entities yet.")).toBeInTheDocument();
    expect(screen.queryByText(/Press \+|Draw your first|Add one/)).not.toBeInTheDocument();
  });

  it("leaves the keys that would change it without effect, and out of the palette", async () => {
    const user = userEvent.setup();
    render(<App />);
    await user.click(await screen.findByRole("treeitem", { name: "Order" }));
    await user.keyboard("t{F2}{Delete}{Control>}z{/Control}");
    expect(screen.queryByRole("textbox", { name: "Entity name" })).not.toBeInTheDocument();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    await user.keyboard("{Control>}k{/Control}");
    const palette = within(await screen.findByRole("dialog", { name: "Commands and entities" }));
    expect(palette.queryByText("New entity")).not.toBeInTheDocument();
    expect(palette.getByText("Go to Records")).toBeInTheDocument();
    await user.keyboard("{Escape}");
  });
});

describe("a connection that is lost", () => {
  it("is said over the window until it is back, and then everything is read anew", async () => {
    const user = userEvent.setup();
    render(<App />);
    await screen.findByRole("treeitem", { name: "Order" });
    await user.type(screen.getByRole("textbox", { name: "Filter entities" }), "ord");
    const lost = { code: "connection_lost", message: "The server does not answer.", details: {} };
    state.refuse = { schema: lost, overview: lost, current_workspace: lost, layout: lost };
    await act(() => emit("workspace-event", { event: "connection_lost" }));
    const banner = await screen.findByRole("status", { name: "Connection" });
    expect(banner).toHaveTextContent("Connection lost – trying again…");
    // Something fails meanwhile: what was on the screen stays there.
    await act(() => queryClient.invalidateQueries());
    expect(screen.getByRole("treeitem", { name: "Order" })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Open the sample workspace" })).not.toBeInTheDocument();

    state.refuse = {};
    const [order] = state.entities.filter((e) => e.name === "order");
    if (order) order.label = "Order of today";
    await act(() => emit("workspace-event", { event: "connection_back" }));
    expect(await screen.findByRole("treeitem", { name: "Order of today" })).toBeInTheDocument();
    expect(screen.queryByRole("status", { name: "Connection" })).not.toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: "Filter entities" })).toHaveValue("ord");
  });
});

describe("copying the workspace", () => {
  it("asks where to, shows how far it is, and says what came along; a refusal leaves the place as typed", async () => {
    state.pace = 80;
    const user = userEvent.setup();
    render(<App />);
    await screen.findByRole("treeitem", { name: "Order" });
    await act(() => void runAction("workspace.copy"));
    const dialog = within(await screen.findByRole("dialog", { name: "Copy the workspace" }));
    const to = dialog.getByRole("textbox", { name: "To" });
    await user.type(to, "taken.db");
    await user.click(dialog.getByRole("button", { name: "Copy" }));
    expect(await dialog.findByText("That place is not empty.")).toBeInTheDocument();
    expect(dialog.getByRole("textbox", { name: "To" })).toHaveValue("taken.db");

    await user.clear(dialog.getByRole("textbox", { name: "To" }));
    await user.type(dialog.getByRole("textbox", { name: "To" }), "postgres://ann@db.example.org/roastery");
    expect(dialog.getByLabelText("Password")).toBeInTheDocument();
    await user.click(dialog.getByRole("button", { name: "Copy" }));
    const bar = await dialog.findByRole("progressbar", { name: "Copying the workspace" });
    await waitFor(() => expect(bar).toHaveAttribute("aria-valuemax", "300"));
    expect(
      await dialog.findByText(/6 entities, 1,234 records and 56 links are at db.example.org/),
    ).toBeInTheDocument();
    await user.click(dialog.getByRole("button", { name: "Done" }));
    expect(screen.queryByRole("dialog", { name: "Copy the workspace" })).not.toBeInTheDocument();
  });

  it("goes on after it was stopped, put away or not, without asking for the password again", async () => {
    state.pace = 80;
    const user = userEvent.setup();
    render(<App />);
    await screen.findByRole("treeitem", { name: "Order" });
    await act(() => void runAction("workspace.copy"));
    const dialog = () => within(screen.getByRole("dialog", { name: "Copy the workspace" }));
    await screen.findByRole("dialog", { name: "Copy the workspace" });
    await user.type(dialog().getByRole("textbox", { name: "To" }), "postgres://ann@db.example.org/roastery");
    await user.type(dialog().getByLabelText("Password"), "grinder");
    await user.click(dialog().getByRole("button", { name: "Copy" }));
    await user.click(await dialog().findByRole("button", { name: "Cancel" }));
    expect(await dialog().findByText(/^Stopped\. What has been copied stays there/)).toBeInTheDocument();
    expect(dialog().getByLabelText("Password")).toHaveValue("grinder");
    await user.click(dialog().getByRole("button", { name: "Go on" }));
    await dialog().findByRole("progressbar");
    await user.keyboard("{Escape}");
    await user.click(await screen.findByRole("button", { name: /^Copying to db\.example\.org/ }));
    await screen.findByRole("dialog", { name: "Copy the workspace" });
    expect(
      await dialog().findByText(/What an earlier copy had begun was gone on with/, {}, { timeout: 3000 }),
    ).toBeInTheDocument();
  });
});

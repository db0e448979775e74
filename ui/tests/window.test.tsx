// The window on the stand-in: what a person does, found by role and name as a screen reader finds it.
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { runAction } from "../src/actions";
import { HistoryPanel, useHistoryActions } from "../src/features/history";
import {
  closeMaterialize,
  MaterializePanel,
  StorageCard,
  useMaterializeActions,
} from "../src/features/materialize";
import {
  DropDialog,
  EntityPanel,
  ImportDialog,
  StartScreen,
  useEntityActions,
  useWorkspaceVerbs,
} from "../src/features/workspace";
import { useImport } from "../src/features/workspace/importState";
import { useView } from "../src/shared";
import { type FakeState, installFake } from "./fake/engine";
import { roastery } from "./fake/roastery";
import { draw } from "./render";

let state: FakeState;
beforeEach(() => {
  localStorage.clear();
  useView.setState({ tab: "diagram", selection: null, recordsEntity: null, folded: [] });
  closeMaterialize();
  useImport.setState({ current: null });
  state = installFake({ ...roastery(), pace: 5 });
});

const idOf = (name: string) => state.entities.find((e) => e.name === name)?.id ?? "";

function Tree() {
  useEntityActions();
  return (
    <>
      <EntityPanel />
      <DropDialog />
    </>
  );
}

function Right({ name }: { name: string }) {
  useMaterializeActions();
  return (
    <>
      <StorageCard entity={idOf(name)} />
      <MaterializePanel />
    </>
  );
}

function Panel() {
  useHistoryActions();
  return <HistoryPanel />;
}

function Import() {
  const verbs = useWorkspaceVerbs();
  return (
    <>
      <button type="button" onClick={() => void verbs.importFile()}>
        Import
      </button>
      <ImportDialog />
    </>
  );
}

function Start() {
  return <StartScreen verbs={useWorkspaceVerbs()} error={null} />;
}

describe("the entity tree", () => {
  it("shows every entity with its storage mode and count, grouped", async () => {
    draw(<Tree />);
    const tree = await screen.findByRole("tree", { name: "Entities" });
    expect(
      within(tree)
        .getAllByRole("treeitem")
        .map((i) => i.getAttribute("aria-label")),
    ).toEqual(["Catalogue, 2", "Product", "Tag", "Sales, 4", "Customer", "Order", "Order line", "Shipment"]);
    const order = within(tree).getByRole("treeitem", { name: "Order" });
    expect(order).toHaveAttribute("aria-description", "shared, 48,112 records");
    expect(within(order).getByRole("img", { name: "shared" })).toBeInTheDocument();
  });

  it("filters, walks with the arrows and opens records with Enter", async () => {
    const user = userEvent.setup();
    draw(<Tree />);
    await screen.findByRole("tree");
    await user.keyboard("/");
    await user.keyboard("ord");
    expect(screen.getAllByRole("treeitem").map((i) => i.getAttribute("aria-label"))).toEqual([
      "Sales, 2",
      "Order",
      "Order line",
    ]);
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
    expect(useView.getState().selection).toEqual({ kind: "entity", entity: idOf("order") });
    await user.keyboard("{Enter}");
    expect(useView.getState()).toMatchObject({ tab: "records", recordsEntity: idOf("order") });
  });

  it("renames in place; a slash typed there is text, not a command", async () => {
    const user = userEvent.setup();
    draw(<Tree />);
    await user.click(await screen.findByRole("treeitem", { name: "Tag" }));
    await user.keyboard("{F2}");
    const input = screen.getByRole("textbox", { name: "New name of Tag" });
    await user.clear(input);
    await user.type(input, "Label/Tag{Enter}");
    expect(await screen.findByRole("treeitem", { name: "Label/Tag" })).toBeInTheDocument();
  });
});

describe("materializing", () => {
  it("takes one click when every value fits, shows its phases, and reports", async () => {
    const user = userEvent.setup();
    draw(<Right name="order" />);
    await user.click(await screen.findByRole("button", { name: "Materialize" }));
    expect(
      (await screen.findAllByRole("progressbar", { name: "Materializing Order" })).length,
    ).toBeGreaterThan(0);
    expect(await screen.findByRole("heading", { name: "Materialized Order" })).toBeInTheDocument();
    const report = screen.getByRole("region", { name: "Materialized Order" });
    expect(within(report).getByText("kdb_order")).toBeInTheDocument();
    expect(within(report).getByText(/^48,112 records$/)).toBeInTheDocument();
    expect(within(report).getByText("3 writes made meanwhile were carried over")).toBeInTheDocument();
    await user.click(within(report).getByRole("button", { name: "Copy log" }));
    expect(await navigator.clipboard.readText()).toMatch(
      /^Materialized order, .*\n.* {2}Validate .*\n[\s\S]* {2}Done\n.*48,112/,
    );
    expect(await screen.findByRole("button", { name: "Bring back" })).toBeInTheDocument();
  });

  it("stops at the plan when values do not fit, and goes on only with a choice", async () => {
    state.problems = 37;
    const user = userEvent.setup();
    draw(<Right name="order" />);
    await user.click(await screen.findByRole("button", { name: "Materialize" }));
    const plan = await screen.findByRole("region", { name: "Plan to materialize Order" });
    expect(await within(plan).findByText("37 values do not fit")).toBeInTheDocument();
    const go = within(plan).getByRole("button", { name: "Materialize" });
    expect(go).toBeDisabled();
    await user.click(within(plan).getByRole("radio", { name: /Keep aside/ }));
    expect(go).toBeEnabled();
    await user.click(go);
    expect(await screen.findByRole("heading", { name: "Materialized Order" })).toBeInTheDocument();
  });

  it("can be cancelled, and then says that nothing has moved", async () => {
    state.pace = 60;
    const user = userEvent.setup();
    draw(<Right name="order" />);
    await user.click(await screen.findByRole("button", { name: "Materialize" }));
    await user.click((await screen.findAllByRole("button", { name: "Cancel" }))[0] as HTMLElement);
    expect(await screen.findByText(/No record has moved/)).toBeInTheDocument();
  });

  it("can be paused, says so without a word of failure, and goes on", async () => {
    state.pace = 60;
    const user = userEvent.setup();
    draw(<Right name="order" />);
    await user.click(await screen.findByRole("button", { name: "Materialize" }));
    await user.click((await screen.findAllByRole("button", { name: "Pause" }))[0] as HTMLElement);
    const panel = await screen.findByRole("region", { name: "Materializing Order, paused" });
    expect(within(panel).queryByRole("alert")).not.toBeInTheDocument();
    expect(within(panel).getByRole("button", { name: "Undo" })).toBeInTheDocument();
    expect(within(panel).queryByRole("button", { name: "Cancel" })).not.toBeInTheDocument();
    state.pace = 1;
    await user.click(within(panel).getByRole("button", { name: "Resume" }));
    expect(await screen.findByRole("heading", { name: "Materialized Order" })).toBeInTheDocument();
  });

  it("undoes a paused job", async () => {
    state.pace = 60;
    const user = userEvent.setup();
    draw(<Right name="order" />);
    await user.click(await screen.findByRole("button", { name: "Materialize" }));
    await user.click((await screen.findAllByRole("button", { name: "Pause" }))[0] as HTMLElement);
    const panel = await screen.findByRole("region", { name: "Materializing Order, paused" });
    await user.click(within(panel).getByRole("button", { name: "Undo" }));
    expect(await screen.findByText(/No record has moved/)).toBeInTheDocument();
  });

  it("offers nothing while a job puts everything back", async () => {
    state.pace = 60_000;
    const user = userEvent.setup();
    const drawn = draw(<Right name="order" />);
    await user.click(await screen.findByRole("button", { name: "Materialize" }));
    await screen.findAllByRole("button", { name: "Pause" });
    drawn.unmount();
    state.jobs = state.jobs.map((job) => ({ ...job, rolling_back: true }));
    draw(<Right name="order" />);
    expect((await screen.findAllByText(/Putting everything back …/)).length).toBeGreaterThan(0);
    for (const name of ["Pause", "Cancel", "Resume", "Undo"])
      expect(screen.queryByRole("button", { name })).not.toBeInTheDocument();
  });

  it("offers to resume or roll back what was interrupted", async () => {
    const order = state.entities.find((e) => e.name === "order");
    if (!order) throw new Error("the roastery has orders");
    state.jobs = [
      {
        id: "job",
        kind: "materialize",
        entities: ["order"],
        entity_ids: [order.id],
        status: "interrupted",
        phase: "copy",
        done: 10,
        total: 100,
        captured: 0,
        waiting: 0,
        error: null,
        reports: [],
        log: [],
        by: "Somebody (in a window)",
        here: false,
        started_at: "2026-01-01T00:00:00Z",
        updated_at: "2026-01-01T00:00:00Z",
      },
    ];
    const user = userEvent.setup();
    draw(<Right name="order" />);
    await user.click(await screen.findByRole("button", { name: "See what to do" }));
    expect(await screen.findByRole("button", { name: "Resume" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Roll back" })).toBeInTheDocument();
  });
});

describe("dropping entities", () => {
  it("says in figures what goes, and drops nothing when it is left", async () => {
    const user = userEvent.setup();
    draw(<Tree />);
    await user.click(await screen.findByRole("treeitem", { name: "Order" }));
    await user.keyboard("{Delete}");
    const ask = await screen.findByRole("dialog", { name: "Drop Order?" });
    expect(await within(ask).findByText("Deletes 48,112 Order records")).toBeInTheDocument();
    expect(within(ask).getByText("Undo brings everything back.")).toBeInTheDocument();
    await user.click(within(ask).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(state.entities.some((e) => e.name === "order")).toBe(true);
  });

  it("drops several after one question, as one step of undo, and shows nothing of them", async () => {
    const user = userEvent.setup();
    draw(<Tree />);
    await user.click(await screen.findByRole("treeitem", { name: "Order" }));
    const before = state.changes.length;
    act(() => void runAction("entity.drop", { entities: [idOf("order"), idOf("tag")] }));
    const ask = await screen.findByRole("dialog", { name: "Drop 2 entities?" });
    expect(within(ask).getByText("Order, Tag")).toBeInTheDocument();
    await within(ask).findByText("Deletes 48,112 Order records");
    await user.click(within(ask).getByRole("button", { name: "Drop 2 entities" }));
    await waitFor(() => expect(state.entities.some((e) => ["order", "tag"].includes(e.name))).toBe(false));
    expect(state.changes).toHaveLength(before + 1);
    await waitFor(() => expect(useView.getState().selection).toBeNull());
  });
});

describe("history", () => {
  it("lists changes, undoes with Ctrl+Z and marks what is undone", async () => {
    const user = userEvent.setup();
    draw(<Panel />);
    expect(await screen.findByText("Next to undo: Rename field total")).toBeInTheDocument();
    await user.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(screen.getByText("undone")).toBeInTheDocument());
    expect(await screen.findByText("Next to undo: Add relationship tags")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Redo" })).toBeEnabled();
  });

  it("takes every step when the keys are pressed faster than it answers", async () => {
    const user = userEvent.setup({ delay: null });
    draw(<Panel />);
    await screen.findByText("Next to undo: Rename field total");
    await user.keyboard("{Control>}zz{/Control}");
    await waitFor(() => expect(state.changes.filter((c) => c.undone)).toHaveLength(2));
    await user.keyboard("{Control>}z{/Control}{Control>}y{/Control}{Control>}y{/Control}");
    await waitFor(() => expect(state.changes.filter((c) => c.undone)).toHaveLength(1));
    expect(await screen.findByText("Next to undo: Add relationship tags")).toBeInTheDocument();
  });
});

describe("importing a file", () => {
  it("shows how far it is and reports what could not be carried", async () => {
    state.picked = "/data/chinook.sqlite";
    const user = userEvent.setup();
    draw(<Import />);
    await user.click(screen.getByRole("button", { name: "Import" }));
    expect(await screen.findByRole("progressbar", { name: "Importing chinook.sqlite" })).toBeInTheDocument();
    expect(await screen.findByText("6,892")).toBeInTheDocument();
    expect(screen.getByText("8,715")).toBeInTheDocument();
    expect(screen.getByText("track_audit")).toBeInTheDocument();
  });

  it("asks for the entity of a CSV file, with the file's name as a proposal", async () => {
    state.picked = "/data/order lines.csv";
    const user = userEvent.setup();
    draw(<Import />);
    await user.click(screen.getByRole("button", { name: "Import" }));
    expect(await screen.findByRole("textbox", { name: /Into the entity/ })).toHaveValue("order lines");
  });
});

describe("the start screen", () => {
  it("offers the sample first, and opens it", async () => {
    state.open = false;
    const user = userEvent.setup();
    draw(<Start />);
    await act(() => user.click(screen.getByRole("button", { name: "Open the sample workspace" })));
    await waitFor(() => expect(state.open).toBe(true));
    for (const name of ["New workspace", "Open file", "Import a file", "Import from a Postgres database"]) {
      expect(screen.getByRole("button", { name })).toBeInTheDocument();
    }
  });
});

// Many at once: several entities chosen together, or an application, as one plan and one job.
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { runAction } from "../src/actions";
import { EntityInspector } from "../src/features/entity";
import { MaterializePanel, useMaterializeActions } from "../src/features/materialize";
import { useMaterialize } from "../src/features/materialize/state";
import { DropDialog, EntityPanel, useEntityActions } from "../src/features/workspace";
import { setReadOnly, useView } from "../src/shared";
import { type FakeState, installFake } from "./fake/engine";
import { roastery } from "./fake/roastery";
import { draw } from "./render";

let state: FakeState;
beforeEach(() => {
  localStorage.clear();
  state = installFake({ ...roastery(), pace: 5 });
});

const idOf = (name: string) => state.entities.find((e) => e.name === name)?.id ?? "";
const idsOf = (...names: string[]) => names.map(idOf);
const row = (name: string) => screen.getByRole("treeitem", { name });
const selectedRows = () =>
  screen
    .getAllByRole("treeitem")
    .filter((r) => r.getAttribute("aria-selected") === "true")
    .map((r) => r.getAttribute("aria-label"));
const planned = () => useMaterialize.getState().panel?.plan?.entities;
const items = () => screen.getAllByRole("menuitem").map((i) => i.textContent);

function Window() {
  useEntityActions();
  useMaterializeActions();
  return (
    <>
      <EntityPanel />
      <EntityInspector />
      <MaterializePanel />
      <DropDialog />
    </>
  );
}

async function open() {
  const user = userEvent.setup();
  draw(<Window />);
  await screen.findByRole("treeitem", { name: "Order" });
  return user;
}

/** A click while keys are held. */
async function clickWith(user: ReturnType<typeof userEvent.setup>, key: string, name: string) {
  await user.keyboard(`{${key}>}`);
  await user.click(row(name));
  await user.keyboard(`{/${key}}`);
}

describe("several entities in the tree", () => {
  it("says that several can be chosen", async () => {
    await open();
    expect(screen.getByRole("tree", { name: "Entities" })).toHaveAttribute("aria-multiselectable", "true");
  });

  it.each(["Control", "Meta"])("%s and a click adds one, and takes it away again", async (key) => {
    const user = await open();
    await user.click(row("Order"));
    await clickWith(user, key, "Tag");
    expect(selectedRows()).toEqual(["Tag", "Order"]);
    expect(useView.getState().marked).toEqual(idsOf("order", "tag"));
    expect(useView.getState().selection, "the inspector stays where it was").toEqual({
      kind: "entity",
      entity: idOf("order"),
    });
    await clickWith(user, key, "Order");
    expect(selectedRows()).toEqual(["Tag"]);
    expect(useView.getState()).toMatchObject({
      marked: [],
      selection: { kind: "entity", entity: idOf("tag") },
    });
    await clickWith(user, key, "Tag");
    expect(useView.getState()).toMatchObject({ marked: [], selection: null });
  });

  it("Shift and a click takes all from the one before, in either direction", async () => {
    const user = await open();
    await user.click(row("Order"));
    await clickWith(user, "Shift", "Shipment");
    expect(selectedRows()).toEqual(["Order", "Order line", "Shipment"]);
    await clickWith(user, "Shift", "Tag");
    expect(selectedRows(), "from the same one, over the heading").toEqual(["Tag", "Customer", "Order"]);
    expect(useView.getState().selection).toEqual({ kind: "entity", entity: idOf("order") });
  });

  it("Shift and the arrows do the same, and a plain arrow chooses one alone again", async () => {
    const user = await open();
    await user.click(row("Customer"));
    await user.keyboard("{Shift>}{ArrowDown}{ArrowDown}{/Shift}");
    expect(selectedRows()).toEqual(["Customer", "Order", "Order line"]);
    await user.keyboard("{Shift>}{ArrowUp}{/Shift}");
    expect(selectedRows()).toEqual(["Customer", "Order"]);
    await user.keyboard("{Shift>}{End}{/Shift}");
    expect(selectedRows()).toEqual(["Customer", "Order", "Order line", "Shipment"]);
    await user.keyboard("{ArrowUp}");
    expect(selectedRows()).toEqual(["Order line"]);
  });

  it.each([
    ["a click", (user: ReturnType<typeof userEvent.setup>) => user.click(row("Tag")), "Tag", "Product"],
    ["Escape", (user: ReturnType<typeof userEvent.setup>) => user.keyboard("{Escape}"), "Order", "Customer"],
  ])("%s chooses one alone", async (_, press, left, before) => {
    const user = await open();
    await user.click(row("Order"));
    await clickWith(user, "Control", "Tag");
    await press(user);
    expect(selectedRows()).toEqual([left]);
    expect(useView.getState().marked).toEqual([]);
    // The keys go on from there.
    await user.keyboard("{Shift>}{ArrowUp}{/Shift}");
    expect(selectedRows()).toEqual([before, left]);
  });

  it("two quick clicks with a key held open nothing", async () => {
    const user = await open();
    await user.keyboard("{Control>}");
    await user.dblClick(row("Tag"));
    await user.keyboard("{/Control}");
    expect(useView.getState().tab).toBe("diagram");
  });

  it("has a menu that is about all of them; that of another row is about it alone", async () => {
    const user = await open();
    await user.click(row("Order"));
    await clickWith(user, "Control", "Tag");
    await clickWith(user, "Control", "Product");
    fireEvent.contextMenu(row("Tag"));
    await screen.findByRole("menu");
    expect(items()).toEqual([
      "Materialize 2 entitiesCtrlM",
      "Bring back 1 entity",
      "Plan bringing back 1 entity",
      "Drop 3 entities",
    ]);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("menu")).not.toBeInTheDocument());
    expect(useView.getState().marked, "Escape was for the menu").toHaveLength(3);

    fireEvent.contextMenu(row("Shipment"));
    await screen.findByRole("menu");
    expect(items()).toContain("RenameF2");
    expect(selectedRows()).toEqual(["Shipment"]);
  });

  it("asks once about all of them at Delete", async () => {
    const user = await open();
    await user.click(row("Order"));
    await clickWith(user, "Control", "Tag");
    await user.keyboard("{Delete}");
    const ask = await screen.findByRole("dialog", { name: "Drop 2 entities?" });
    await within(ask).findByText("Deletes 48,112 Order records");
    await user.click(within(ask).getByRole("button", { name: "Drop 2 entities" }));
    await waitFor(() => expect(useView.getState().marked).toEqual([]));
  });

  it("forgets those that somebody else has dropped", async () => {
    const user = await open();
    await user.click(row("Order"));
    await clickWith(user, "Control", "Tag");
    await clickWith(user, "Control", "Shipment");
    act(() => void runAction("entity.drop", { entity: idOf("tag") }));
    await user.click(await screen.findByRole("button", { name: "Drop Tag" }));
    await waitFor(() => expect(useView.getState().marked).toEqual(idsOf("order", "shipment")));
  });
});

describe("materializing several", () => {
  it("makes one plan of those that are shared, from the key too", async () => {
    const user = await open();
    await user.click(row("Order"));
    await clickWith(user, "Control", "Customer");
    await clickWith(user, "Control", "Tag");
    await user.keyboard("{Control>}m{/Control}");
    expect(new Set(planned())).toEqual(new Set(idsOf("order", "tag")));
    expect(await screen.findByRole("region", { name: /^Plan to materialize / })).toBeInTheDocument();
  });

  it("is offered above the inspector, moves them as one job, and back", async () => {
    const user = await open();
    await user.click(row("Order"));
    expect(screen.queryByRole("region", { name: "Marked entities" })).not.toBeInTheDocument();
    await clickWith(user, "Shift", "Shipment");
    const marked = within(screen.getByRole("region", { name: "Marked entities" }));
    expect(marked.getByText("3 entities marked")).toBeInTheDocument();
    await user.click(marked.getByRole("button", { name: "Materialize 3 entities" }));
    const plan = within(await screen.findByRole("region", { name: /^Plan to materialize / }));
    await user.click(await plan.findByRole("button", { name: "Materialize" }));
    await waitFor(() =>
      expect(state.entities.filter((e) => e.storage_mode === "shared").map((e) => e.name)).toEqual(["tag"]),
    );
    expect(state.jobs).toHaveLength(1);
    expect(new Set(state.jobs[0]?.entity_ids)).toEqual(new Set(idsOf("order", "order line", "shipment")));

    await user.click(await marked.findByRole("button", { name: "Bring back 3 entities" }));
    await waitFor(() =>
      expect(state.entities.filter((e) => e.storage_mode === "shared").map((e) => e.name)).toEqual([
        "order",
        "order line",
        "shipment",
        "tag",
      ]),
    );
    await waitFor(() => expect(state.jobs.map((j) => j.status)).toEqual(["done", "done"]));
    await user.click(marked.getByRole("button", { name: "Unmark" }));
    expect(selectedRows()).toEqual(["Order"]);
  });
});

describe("an application", () => {
  const APPLICATION = [
    "Materialize the application",
    "Bring the application back",
    "Plan bringing the application back",
  ];

  it("has a menu at its heading, with what there is to do", async () => {
    const user = await open();
    fireEvent.contextMenu(row("Sales, 4"));
    await screen.findByRole("menu");
    expect(items()).toEqual(APPLICATION);
    await user.click(screen.getByRole("menuitem", { name: "Materialize the application" }));
    expect(planned()).toEqual(idsOf("order", "order line", "shipment"));
  });

  it("offers nothing that is done already", async () => {
    state.entities = state.entities.map((e) =>
      e.application === "Sales" ? { ...e, storage_mode: "dedicated" } : e,
    );
    const user = await open();
    fireEvent.contextMenu(row("Sales, 4"));
    await screen.findByRole("menu");
    expect(items()).toEqual(["Bring the application back", "Plan bringing the application back"]);
    await user.click(screen.getByRole("menuitem", { name: "Bring the application back" }));
    await waitFor(() => expect(state.jobs.map((j) => j.status)).toEqual(["done"]));
    expect(state.jobs[0]?.entity_ids).toHaveLength(4);
  });

  it("opens its menu with the menu key", async () => {
    const user = await open();
    await user.click(row("Catalogue, 2"));
    await user.click(row("Catalogue, 2"));
    await user.keyboard("{Shift>}{F10}{/Shift}");
    await screen.findByRole("menu");
    expect(items()).toEqual(APPLICATION);
  });

  it("has none at what belongs to no application, and only plans where nothing may be changed", async () => {
    state.entities = state.entities.map((e) =>
      e.application === "Sales" ? { ...e, storage_mode: "dedicated" } : { ...e, application: null },
    );
    await open();
    setReadOnly("It may only be read.");
    fireEvent.contextMenu(row("Other, 2"));
    expect(screen.queryByRole("menu")).not.toBeInTheDocument();
    fireEvent.contextMenu(row("Sales, 4"));
    await screen.findByRole("menu");
    expect(items()).toEqual(["Plan bringing the application back"]);
  });

  it("is a command once an entity of it is selected", async () => {
    const user = await open();
    expect(runAction("application.materialize")).toBe(false);
    await user.click(row("Product"));
    act(() => void runAction("application.materialize"));
    expect(planned()).toEqual(idsOf("tag"));
  });
});

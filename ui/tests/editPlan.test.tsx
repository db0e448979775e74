// The plan of an edit before it is done: asked for in the editor of a field that lies in a table of its own, and where a
// relationship of such an entity is drawn.
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { PlanContext } from "../src/actions";
import { App } from "../src/app/App";
import { DiagramPanel } from "../src/features/diagram";
import { setDiagram } from "../src/features/diagram/state";
import { EntityInspector } from "../src/features/entity";
import { MaterializePanel, openEditPlan, useMaterialize } from "../src/features/materialize";
import { usePrefs, useView } from "../src/shared";
import { dedicatedOrders } from "./dedicated";
import type { FakeState } from "./fake/engine";
import { draw } from "./render";

let state: FakeState;
beforeEach(() => {
  state = dedicatedOrders(false);
});

const order = () => {
  const found = state.entities.find((e) => e.name === "order");
  if (!found) throw new Error("no order");
  return found;
};
const status = () => order().fields.find((f) => f.name === "status");

/** The inspector or, once there is one, the plan: as the window puts them. */
function Right() {
  const open = useMaterialize((s) => s.panel !== null);
  return <PlanContext value={openEditPlan}>{open ? <MaterializePanel /> : <EntityInspector />}</PlanContext>;
}

async function edit() {
  const user = userEvent.setup();
  useView.getState().select({ kind: "entity", entity: order().id });
  draw(<Right />);
  await screen.findByRole("list", { name: "Fields" });
  await user.click(screen.getByRole("button", { name: /^status/ }));
  return user;
}

const plan = async () => within(await screen.findByRole("region", { name: "Plan: Change status of Order" }));

describe("the plan of an edit", () => {
  it("is shown before a change, and the change is made from it", async () => {
    const user = await edit();
    await user.click(screen.getByRole("checkbox", { name: "Show plan first" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Field type" }), "integer");
    const shown = await plan();
    expect(await shown.findByText("48,112")).toBeInTheDocument();
    expect(shown.getByText("Nothing stands in the way.")).toBeInTheDocument();
    expect(shown.getByText("2 statements")).toBeInTheDocument();
    await user.click(shown.getByRole("button", { name: /^Locks/ }));
    expect(shown.getByText("In the edit")).toBeInTheDocument();
    expect(status()?.type, "nothing has happened yet").toBe("select");
    await user.click(shown.getByRole("button", { name: "Change" }));
    await waitFor(() => expect(status()?.type).toBe("integer"));
    await waitFor(() => expect(useMaterialize.getState().panel).toBeNull());
  });

  it("opens what stands in the way in the grid, and waits until it is corrected", async () => {
    Object.assign(state, { problems: 3, byHand: 1 });
    const user = await edit();
    await user.click(screen.getByRole("checkbox", { name: "Show plan first" }));
    await user.click(screen.getByRole("checkbox", { name: "Required" }));
    const shown = await plan();
    expect(await shown.findByText(/2 values do not convert/)).toBeInTheDocument();
    expect(shown.getByText(/1 value has to be corrected first/)).toBeInTheDocument();
    expect(shown.getByRole("button", { name: "Change" })).toBeDisabled();
    await user.click(shown.getAllByRole("button", { name: /^Open total of record/ })[0] as HTMLElement);
    expect([useView.getState().tab, useView.getState().aim?.field]).toEqual(["records", "total"]);
    Object.assign(state, { problems: 0, byHand: 0 });
    await user.click(shown.getByRole("button", { name: "Check again" }));
    await waitFor(() => expect(shown.getByRole("button", { name: "Change" })).toBeEnabled());
  });

  it("is not asked for where nobody wishes it, nor for what touches no record", async () => {
    const user = await edit();
    await user.click(screen.getByRole("checkbox", { name: "Indexed" }));
    await waitFor(() => expect(status()?.indexed).toBe(false));
    await user.click(screen.getByRole("checkbox", { name: "Show plan first" }));
    await user.click(screen.getByRole("checkbox", { name: "Read-only" }));
    await waitFor(() => expect(status()?.read_only).toBe(true));
    expect(useMaterialize.getState().panel).toBeNull();
  });

  it("is left with Not now, and the field stays", async () => {
    const user = await edit();
    await user.click(screen.getByRole("checkbox", { name: "Show plan first" }));
    await user.click(screen.getByRole("button", { name: "Drop field" }));
    const shown = within(await screen.findByRole("region", { name: "Plan: Drop status of Order" }));
    await user.click(await shown.findByRole("button", { name: "Not now" }));
    expect(await screen.findByRole("list", { name: "Fields" })).toBeInTheDocument();
    expect(status()).toBeDefined();
  });

  it("is not on offer for an entity in the shared table", async () => {
    state.entities = state.entities.map((e) => ({ ...e, storage_mode: "shared" }));
    await edit();
    expect(screen.getByRole("group", { name: "Field status" })).toBeInTheDocument();
    expect(screen.queryByRole("checkbox", { name: "Show plan first" })).not.toBeInTheDocument();
  });
});

/** The canvas with the question of a line that was let go on another entity, and the right column. */
async function join(source: string, target: string) {
  const user = userEvent.setup();
  const id = (name: string) => state.entities.find((e) => e.name === name)?.id ?? "";
  draw(
    <>
      <PlanContext value={openEditPlan}>
        <DiagramPanel />
      </PlanContext>
      <Right />
    </>,
  );
  await screen.findByRole("group", { name: /^Entity Order,/ });
  act(() => setDiagram({ joining: { source: id(source), target: id(target) } }));
  return { user, ask: within(await screen.findByRole("dialog", { name: /^New relationship/ })) };
}

const relating = async () =>
  within(await screen.findByRole("region", { name: "Plan: Relate Shipment to Customer" }));
const last = () => state.relationships.at(-1);

describe("the plan of a relationship that is drawn", () => {
  it("is shown before it is made, and it is made from it and selected", async () => {
    const { user, ask } = await join("shipment", "customer");
    await user.click(ask.getByRole("checkbox", { name: "Show plan first" }));
    await user.selectOptions(ask.getByRole("combobox", { name: "Kind" }), "one_to_one");
    await user.click(ask.getByRole("button", { name: "Create relationship" }));
    const shown = await relating();
    expect(await shown.findByText("Nothing stands in the way.")).toBeInTheDocument();
    expect(screen.queryByRole("dialog"), "one place to decide").not.toBeInTheDocument();
    expect(state.relationships, "nothing has happened yet").toHaveLength(5);
    await user.click(shown.getByRole("button", { name: "Add" }));
    await waitFor(() => expect(last()).toMatchObject({ name: "customer", type: "one_to_one" }));
    await waitFor(() => expect(useMaterialize.getState().panel).toBeNull());
    expect(useView.getState().selection).toEqual({ kind: "relationship", relationship: last()?.id });
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("says what a required one lacks, and Not now leads back to what was said", async () => {
    Object.assign(state, { problems: 3, byHand: 3 });
    const { user, ask } = await join("shipment", "customer");
    await user.click(ask.getByRole("checkbox", { name: "Show plan first" }));
    await user.click(ask.getByRole("checkbox", { name: "Required" }));
    await user.clear(ask.getByRole("textbox", { name: "Relationship name" }));
    await user.type(ask.getByRole("textbox", { name: "Relationship name" }), "buyer{Enter}");
    const shown = await relating();
    expect(await shown.findByText(/3 records would refer to nothing/)).toBeInTheDocument();
    expect(shown.getByRole("button", { name: "Add" })).toBeDisabled();
    for (const row of shown.getAllByRole("button", { name: /^Open .* of record/ }))
      expect(row, "there is no such field yet").toBeDisabled();
    await user.click(shown.getByRole("button", { name: "Not now" }));
    const again = within(await screen.findByRole("dialog", { name: /^New relationship/ }));
    expect(again.getByRole("textbox", { name: "Relationship name" })).toHaveValue("buyer");
    expect(again.getByRole("checkbox", { name: "Required" })).toBeChecked();
    Object.assign(state, { problems: 0, byHand: 0 });
    await user.click(again.getByRole("checkbox", { name: "Required" }));
    await user.click(again.getByRole("button", { name: "Create relationship" }));
    await user.click(await (await relating()).findByRole("button", { name: "Add" }));
    await waitFor(() => expect(last()).toMatchObject({ name: "buyer", required: false }));
  });

  it("says why there is none, and Esc leads back to the name to choose another", async () => {
    state.refuse = { edit_plan: { code: "name_taken", message: "customer is taken.", details: {} } };
    const { user, ask } = await join("shipment", "customer");
    await user.click(ask.getByRole("checkbox", { name: "Show plan first" }));
    await user.click(ask.getByRole("button", { name: "Create relationship" }));
    expect(await (await relating()).findByText(/customer is taken/)).toBeInTheDocument();
    await user.keyboard("{Escape}");
    expect(await screen.findByRole("textbox", { name: "Relationship name" })).toHaveValue("customer");
    expect(useMaterialize.getState().panel).toBeNull();
  });

  it("does not come back to who turns to another entity", async () => {
    const { user, ask } = await join("shipment", "customer");
    await user.click(ask.getByRole("checkbox", { name: "Show plan first" }));
    await user.click(ask.getByRole("button", { name: "Create relationship" }));
    await relating();
    act(() => useView.getState().select({ kind: "entity", entity: order().id }));
    await waitFor(() => expect(useMaterialize.getState().panel).toBeNull());
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("is not on offer between two entities in the shared table, nor asked for where nobody wishes it", async () => {
    usePrefs.setState({ planFirst: true });
    const { user, ask } = await join("shipment", "tag");
    expect(ask.queryByRole("checkbox", { name: "Show plan first" })).not.toBeInTheDocument();
    await user.click(ask.getByRole("button", { name: "Create relationship" }));
    await waitFor(() => expect(last()?.name).toBe("tag"));
    expect(useMaterialize.getState().panel).toBeNull();
  });

  it("is on offer afterwards too, whichever end has the table", async () => {
    const { user, ask } = await join("shipment", "customer");
    await user.click(ask.getByRole("button", { name: "Create relationship" }));
    await waitFor(() => expect(useView.getState().selection?.kind).toBe("relationship"));
    expect(await screen.findByRole("heading", { name: "customer" })).toBeInTheDocument();
    expect(screen.getByRole("checkbox", { name: "Show plan first" })).not.toBeChecked();
  });
});

describe("the keyboard", () => {
  it("draws, looks at the plan, leaves it and is back at the question", async () => {
    const user = userEvent.setup();
    usePrefs.setState({ planFirst: true });
    render(<App />);
    const card = (name: string) => screen.findByRole("group", { name: new RegExp(`^Entity ${name},`) });
    await card("Shipment");
    await user.keyboard("r");
    (await card("Shipment")).focus();
    await user.keyboard("{Enter}");
    (await card("Customer")).focus();
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("textbox", { name: "Relationship name" })).toHaveFocus();
    await user.keyboard("{Enter}");
    const shown = await relating();
    await waitFor(() => expect(screen.getByRole("complementary", { name: "Inspector" })).toHaveFocus());
    await shown.findByText("Nothing stands in the way.");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.getByRole("textbox", { name: "Relationship name" })).toHaveFocus());
  });
});

// The plan of an edit before it is done: asked for in the editor of a field that lies in a table of its own.
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { EntityInspector } from "../src/features/entity";
import {
  closeMaterialize,
  MaterializePanel,
  openEditPlan,
  useMaterialize,
} from "../src/features/materialize";
import { usePrefs, useView } from "../src/shared";
import { type FakeState, installFake } from "./fake/engine";
import { roastery } from "./fake/roastery";
import { draw } from "./render";

let state: FakeState;
beforeEach(() => {
  localStorage.clear();
  usePrefs.setState({ planFirst: false });
  useView.setState({ tab: "diagram", selection: null, recordsEntity: null, aim: null, folded: [] });
  closeMaterialize();
  state = installFake({ ...roastery(), pace: 5 });
  state.entities = state.entities.map((e) => (e.name === "order" ? { ...e, storage_mode: "dedicated" } : e));
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
  return open ? <MaterializePanel /> : <EntityInspector onPlan={openEditPlan} />;
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

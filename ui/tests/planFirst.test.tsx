// Every other way to change a table than a field's editor: each shows its plan first where that is wished, and who
// leaves it is where they were, with what they had typed.
import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { PlanContext, runAction } from "../src/actions";
import { App } from "../src/app/App";
import { DiagramPanel, useDiagramActions } from "../src/features/diagram";
import { setDiagram } from "../src/features/diagram/state";
import { EntityInspector } from "../src/features/entity";
import {
  closeMaterialize,
  MaterializePanel,
  openEditPlan,
  useMaterialize,
} from "../src/features/materialize";
import { usePrefs, useView } from "../src/shared";
import { dedicatedOrders } from "./dedicated";
import type { FakeState } from "./fake/engine";
import { draw } from "./render";

let state: FakeState;
beforeEach(() => {
  state = dedicatedOrders(true);
});

const order = () => {
  const found = state.entities.find((e) => e.name === "order");
  if (!found) throw new Error("no order");
  return found;
};
const fieldOf = (name: string) => order().fields.find((f) => f.name === name);
const plan = async (title: string) => {
  const shown = within(await screen.findByRole("region", { name: `Plan: ${title}` }));
  await shown.findByText("Nothing stands in the way.");
  return shown;
};
const closed = () => waitFor(() => expect(useMaterialize.getState().panel).toBeNull());

/** The inspector or, once there is one, the plan: as the window puts them. */
function Right() {
  const open = useMaterialize((s) => s.panel !== null);
  return open ? <MaterializePanel /> : <EntityInspector />;
}

async function inspect() {
  useView.getState().select({ kind: "entity", entity: order().id });
  draw(
    <PlanContext value={openEditPlan}>
      <Right />
    </PlanContext>,
  );
  await screen.findByRole("list", { name: "Fields" });
  return userEvent.setup();
}

describe("adding a field in the inspector", () => {
  it("shows the plan, leads back to what was typed, and adds from it", async () => {
    usePrefs.setState({ planFirst: false });
    const user = await inspect();
    await user.click(screen.getByRole("button", { name: "Add field" }));
    await user.click(screen.getByRole("checkbox", { name: "Show plan first" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Field type" }), "decimal");
    await user.type(screen.getByRole("textbox", { name: "Field name" }), "weight{Enter}");
    await plan("Add weight to Order");
    expect(fieldOf("weight"), "nothing has happened yet").toBeUndefined();
    await user.keyboard("{Escape}");
    expect(await screen.findByRole("textbox", { name: "Field name" })).toHaveValue("weight");
    expect(screen.getByRole("textbox", { name: "Field name" })).toHaveFocus();
    expect(screen.getByRole("combobox", { name: "Field type" })).toHaveValue("decimal");
    await user.keyboard("{Enter}");
    await user.click((await plan("Add weight to Order")).getByRole("button", { name: "Add" }));
    await closed();
    expect(fieldOf("weight")?.type).toBe("decimal");
    expect(screen.queryByRole("form", { name: "New field" }), "it is there now").not.toBeInTheDocument();
  });

  it("does not bring what was typed for one entity to another", async () => {
    const user = await inspect();
    await user.click(screen.getByRole("button", { name: "Add field" }));
    await user.type(screen.getByRole("textbox", { name: "Field name" }), "weight{Enter}");
    await plan("Add weight to Order");
    act(() =>
      useView.getState().select({ kind: "relationship", relationship: state.relationships[0]?.id ?? "" }),
    );
    await user.keyboard("{Escape}");
    await screen.findByRole("heading", { name: "customer" });
    act(() => useView.getState().select({ kind: "entity", entity: order().id }));
    await screen.findByRole("list", { name: "Fields" });
    expect(screen.queryByRole("form", { name: "New field" })).not.toBeInTheDocument();
  });

  it("adds at once where the records are in the shared table", async () => {
    state.entities = state.entities.map((e) => ({ ...e, storage_mode: "shared" }));
    const user = await inspect();
    await user.click(screen.getByRole("button", { name: "Add field" }));
    expect(screen.queryByRole("checkbox", { name: "Show plan first" })).not.toBeInTheDocument();
    await user.type(screen.getByRole("textbox", { name: "Field name" }), "weight{Enter}");
    await waitFor(() => expect(fieldOf("weight")).toBeDefined());
    expect(useMaterialize.getState().panel).toBeNull();
  });
});

describe("unique keys over several fields", () => {
  it("are looked at before one comes and before one goes", async () => {
    const user = await inspect();
    await user.click(screen.getByRole("button", { name: "Add unique key" }));
    await user.click(screen.getByRole("checkbox", { name: "status" }));
    await user.click(screen.getByRole("checkbox", { name: "total" }));
    await user.click(screen.getByRole("button", { name: "Add key" }));
    const title = "Change the unique keys of Order";
    await user.click((await plan(title)).getByRole("button", { name: "Not now" }));
    expect(await screen.findByRole("checkbox", { name: "status" })).toBeChecked();
    expect(screen.getByRole("checkbox", { name: "total" })).toBeChecked();
    expect(screen.getByRole("checkbox", { name: "number" })).not.toBeChecked();
    expect(order().keys).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Add key" }));
    await user.click((await plan(title)).getByRole("button", { name: "Change" }));
    await closed();
    expect(order().keys[0]?.parts).toHaveLength(2);
    expect(screen.queryByRole("form", { name: "New unique key" })).not.toBeInTheDocument();
    await user.click(await screen.findByRole("button", { name: "Remove the key status + total" }));
    const shown = await plan(title);
    expect(order().keys).toHaveLength(1);
    await user.click(shown.getByRole("button", { name: "Change" }));
    await waitFor(() => expect(order().keys).toEqual([]));
  });
});

describe("what a field or a relationship says of its table", () => {
  it("is looked at first: a default, which stays as typed, and what a delete does", async () => {
    const user = await inspect();
    await user.click(screen.getByRole("button", { name: /^total/ }));
    await user.type(screen.getByRole("textbox", { name: "Default" }), "12{Enter}");
    await user.click((await plan("Change total of Order")).getByRole("button", { name: "Not now" }));
    expect(await screen.findByRole("textbox", { name: "Default" })).toHaveValue("12");
    expect(fieldOf("total")?.default).toBeNull();
    await user.type(screen.getByRole("textbox", { name: "Default" }), "{Enter}");
    await user.click((await plan("Change total of Order")).getByRole("button", { name: "Change" }));
    await waitFor(() => expect(fieldOf("total")?.default).toBe("12"));
    await closed();
    await user.selectOptions(screen.getByRole("combobox", { name: "On delete of customer" }), "cascade");
    const shown = await plan("Change relationship customer");
    expect(state.relationships[0]?.on_delete).toBe("set_null");
    await user.click(shown.getByRole("button", { name: "Change" }));
    await waitFor(() => expect(state.relationships[0]?.on_delete).toBe("cascade"));
  });

  it("is done at once where it is only a name", async () => {
    const user = await inspect();
    await user.click(screen.getByRole("button", { name: /^total/ }));
    const name = screen.getByRole("textbox", { name: "Field name" });
    await user.clear(name);
    await user.type(name, "sum{Enter}");
    await waitFor(() => expect(fieldOf("sum")).toBeDefined());
    expect(useMaterialize.getState().panel).toBeNull();
  });
});

/** The diagram beside the right column; jsdom gives the canvas no size, so all cards are said to be in the window. */
async function canvas() {
  const user = userEvent.setup();
  const Panel = () => {
    useDiagramActions();
    return <DiagramPanel />;
  };
  draw(
    <PlanContext value={openEditPlan}>
      <Panel />
      <Right />
    </PlanContext>,
  );
  await screen.findByRole("group", { name: /^Entity Order,/ });
  act(() => setDiagram({ far: false, inView: new Set(state.entities.map((e) => e.id)) }));
  return user;
}
const card = () => within(screen.getByRole("group", { name: /^Entity Order,/ }));

describe("a field on its card", () => {
  it("is added from its plan, and Esc leads back to the line as it was", async () => {
    const user = await canvas();
    act(() => void runAction("field.create", { entity: order().id }));
    await user.selectOptions(await card().findByRole("combobox", { name: "Field type" }), "date");
    await user.type(card().getByRole("textbox", { name: "Field name" }), "due");
    await user.tab();
    await user.tab();
    expect(card().getByRole("textbox", { name: "Field name" }), "leaving does nothing yet").toHaveValue(
      "due",
    );
    expect([fieldOf("due"), useMaterialize.getState().panel]).toEqual([undefined, null]);
    await user.type(card().getByRole("textbox", { name: "Field name" }), "{Enter}");
    await plan("Add due to Order");
    expect(card().queryByRole("form"), "one place to decide").not.toBeInTheDocument();
    await user.keyboard("{Escape}");
    expect(await card().findByRole("textbox", { name: "Field name" })).toHaveValue("due");
    expect(card().getByRole("textbox", { name: "Field name" })).toHaveFocus();
    expect(card().getByRole("combobox", { name: "Field type" })).toHaveValue("date");
    await user.keyboard("{Enter}");
    await user.click((await plan("Add due to Order")).getByRole("button", { name: "Add" }));
    await waitFor(() => expect(fieldOf("due")?.type).toBe("date"));
    expect(card().queryByRole("form")).not.toBeInTheDocument();
  });

  it("gets another type from its plan, another name at once", async () => {
    const user = await canvas();
    fireEvent.doubleClick(card().getByText("status"));
    await user.selectOptions(await card().findByRole("combobox", { name: "Field type" }), "text");
    await user.type(card().getByRole("textbox", { name: "Field name" }), "{Enter}");
    await plan("Change status of Order");
    expect(fieldOf("status")?.type).toBe("select");
    await user.keyboard("{Escape}");
    expect(await card().findByRole("combobox", { name: "Field type" })).toHaveValue("text");
    await user.selectOptions(card().getByRole("combobox", { name: "Field type" }), "select");
    await user.clear(card().getByRole("textbox", { name: "Field name" }));
    await user.type(card().getByRole("textbox", { name: "Field name" }), "stage{Enter}");
    await waitFor(() => expect(fieldOf("stage")).toBeDefined());
    expect(useMaterialize.getState().panel).toBeNull();
  });
});

describe("dropping a relationship", () => {
  const first = () => state.relationships[0]?.id ?? "";

  it("with Delete shows the plan, gives the keyboard back when it is left, and drops from it", async () => {
    const user = userEvent.setup();
    render(<App />);
    await screen.findByRole("group", { name: /^Entity Order,/ });
    const relationship = first();
    act(() => useView.getState().select({ kind: "relationship", relationship }));
    const place = screen.getByRole("group", { name: /^Entity Order,/ });
    act(() => place.focus());
    await user.keyboard("{Delete}");
    await plan("Drop relationship customer");
    await user.keyboard("{Escape}");
    await closed();
    expect(first(), "it stays").toBe(relationship);
    await waitFor(() => expect(place).toHaveFocus());
    await user.keyboard("{Backspace}");
    await user.click((await plan("Drop relationship customer")).getByRole("button", { name: "Drop" }));
    await waitFor(() => expect(first()).not.toBe(relationship));
    await waitFor(() => expect(useView.getState().selection, "what is gone is not selected").toBeNull());
  });

  it("from a menu or the palette shows it too, and does it at once where nobody wishes it", async () => {
    await canvas();
    const relationship = first();
    act(() => void runAction("relationship.drop", { relationship }));
    await plan("Drop relationship customer");
    expect(first()).toBe(relationship);
    act(closeMaterialize);
    act(() => usePrefs.setState({ planFirst: false }));
    act(() => void runAction("relationship.drop", { relationship }));
    await waitFor(() => expect(first()).not.toBe(relationship));
    expect(useMaterialize.getState().panel).toBeNull();
  });
});

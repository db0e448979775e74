// The inspector on the stand-in, found by role and name.
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { EntityInspector } from "../src/features/entity";
import { configFor, defaultFrom, fieldSummary, movedTo, withSetting } from "../src/features/entity/fieldText";
import { useView } from "../src/shared";
import { type FakeState, fakeField, fakeRelationship, installFake } from "./fake/engine";
import { roastery } from "./fake/roastery";
import { draw } from "./render";

let state: FakeState;
beforeEach(() => {
  localStorage.clear();
  useView.setState({ tab: "diagram", selection: null, recordsEntity: null, folded: [] });
  state = installFake(roastery());
});

const idOf = (name: string) => state.entities.find((e) => e.name === name)?.id ?? "";
const fieldOf = (entity: string, name: string) =>
  state.entities.find((e) => e.name === entity)?.fields.find((f) => f.name === name);

async function inspect(name: string) {
  useView.getState().select({ kind: "entity", entity: idOf(name) });
  draw(<EntityInspector storage={(id) => <p>storage of {id}</p>} />);
  await screen.findByRole("list", { name: "Fields" });
}

describe("the inspector", () => {
  it("shows what is selected: figures, storage, fields and both directions of its relationships", async () => {
    await inspect("order");
    expect(await screen.findByText("48,112 records · 4 fields · 3 relationships")).toBeInTheDocument();
    expect(screen.getByText("shared")).toBeInTheDocument();
    expect(screen.getByText(`storage of ${idOf("order")}`)).toBeInTheDocument();
    const fields = within(screen.getByRole("list", { name: "Fields" })).getAllByRole("button");
    expect(fields.map((b) => b.textContent)).toEqual([
      "numberstring · unique",
      "statusselect · indexed",
      "totalcurrency",
      "placed_atdatetime",
    ]);
    const relationships = within(screen.getByRole("list", { name: "Relationships" })).getAllByRole("button");
    expect(relationships.map((b) => b.textContent)).toEqual([
      "customer → Customer",
      "← Order line.order",
      "← Shipment.order",
    ]);
  });

  it("shows the keys over several fields, adds one and takes one away", async () => {
    const user = userEvent.setup();
    await inspect("order line");
    const keys = () => state.entities.find((e) => e.name === "order line")?.keys;
    await user.click(screen.getByRole("button", { name: "Add unique key" }));
    const form = within(screen.getByRole("form", { name: "New unique key" }));
    await user.click(form.getByRole("checkbox", { name: "quantity" }));
    expect(form.getByRole("button", { name: "Add key" }), "one field alone is no such key").toBeDisabled();
    await user.click(form.getByRole("checkbox", { name: "order" }));
    await user.click(form.getByRole("button", { name: "Add key" }));
    await screen.findByText("quantity + order");
    expect(keys()?.[0]?.parts.map((p) => p.kind)).toEqual(["field", "relationship"]);
    expect(screen.queryByRole("form", { name: "New unique key" })).not.toBeInTheDocument();

    state.refuse = {
      set_keys: { code: "unique_violation", message: "Two records have the same values.", details: {} },
    };
    await user.click(screen.getByRole("button", { name: "Remove the key quantity + order" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Two records have the same values.");
    state.refuse = {};
    await user.click(screen.getByRole("button", { name: "Remove the key quantity + order" }));
    await waitFor(() => expect(keys()).toEqual([]));
  });

  it("says what to do while nothing is selected", async () => {
    draw(<EntityInspector />);
    expect(await screen.findByRole("heading", { name: "Nothing selected" })).toBeInTheDocument();
  });

  it("renames the entity in its place", async () => {
    const user = userEvent.setup();
    await inspect("order");
    await user.click(screen.getByRole("button", { name: "Order" }));
    const name = screen.getByRole("textbox", { name: "Entity name" });
    await user.clear(name);
    await user.type(name, "Purchase{Enter}");
    expect(await screen.findByRole("button", { name: "Purchase" })).toBeInTheDocument();
    expect(state.entities.find((e) => e.name === "order")?.label, "the label is what people read").toBe(
      "Purchase",
    );
  });

  it("edits a field: name, type, flags, settings and default", async () => {
    const user = userEvent.setup();
    await inspect("order");
    await user.click(screen.getByRole("button", { name: /^status/ }));
    const editor = screen.getByRole("group", { name: "Field status" });
    await user.click(within(editor).getByRole("checkbox", { name: "Required" }));
    await waitFor(() => expect(fieldOf("order", "status")?.required).toBe(true));
    await user.type(within(editor).getByRole("textbox", { name: "Options" }), "open{Enter}paid{Enter}open");
    await user.tab();
    await waitFor(() => expect(fieldOf("order", "status")?.config.options).toEqual(["open", "paid"]));
    await user.selectOptions(await screen.findByRole("combobox", { name: "Default" }), "paid");
    await waitFor(() => expect(fieldOf("order", "status")?.default).toBe("paid"));
    await user.selectOptions(screen.getByRole("combobox", { name: "Field type" }), "integer");
    await waitFor(() => expect(fieldOf("order", "status")).toMatchObject({ type: "integer", config: {} }));
    expect(await screen.findByRole("textbox", { name: "Smallest" })).toBeInTheDocument();
  });

  it("keeps a refused name where it was typed, with the reason beneath, and Esc puts the old one back", async () => {
    const user = userEvent.setup();
    await inspect("order");
    await user.click(screen.getByRole("button", { name: /^status/ }));
    const name = screen.getByRole("textbox", { name: "Field name" });
    await user.clear(name);
    await user.type(name, "total{Enter}");
    await waitFor(() =>
      expect(name).toHaveAccessibleDescription(/already has a field named "total". Choose another/),
    );
    expect(name).toHaveValue("total");
    await user.type(name, "{Escape}");
    expect(name).toHaveValue("status");
  });

  it("says when a setting must be a number, and does not ask the engine", async () => {
    const user = userEvent.setup();
    await inspect("customer");
    await user.click(screen.getByRole("button", { name: /^email/ }));
    const before = state.changes.length;
    await user.type(screen.getByRole("textbox", { name: "Longest" }), "many{Enter}");
    expect(await screen.findByText("Give a whole number, or leave it empty.")).toBeInTheDocument();
    expect(state.changes).toHaveLength(before);
  });

  it("adds a field, and the next at once", async () => {
    const user = userEvent.setup();
    await inspect("tag");
    await user.click(screen.getByRole("button", { name: "Add field" }));
    await user.type(screen.getByRole("textbox", { name: "Field name" }), "weight");
    await user.selectOptions(screen.getByRole("combobox", { name: "Field type" }), "decimal");
    await user.click(screen.getByRole("button", { name: "Add" }));
    await waitFor(() => expect(fieldOf("tag", "weight")?.type).toBe("decimal"));
    await waitFor(() => expect(screen.getByRole("textbox", { name: "Field name" })).toHaveValue(""));
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("form", { name: "New field" })).not.toBeInTheDocument();
  });

  it("drops a field", async () => {
    const user = userEvent.setup();
    await inspect("tag");
    await user.click(screen.getByRole("button", { name: /^colour/ }));
    await user.click(screen.getByRole("button", { name: "Drop field" }));
    await waitFor(() => expect(fieldOf("tag", "colour")).toBeUndefined());
  });

  it("moves a field with Alt and the arrows, and says where it went", async () => {
    const user = userEvent.setup();
    await inspect("order");
    act(() => screen.getByRole("button", { name: /^total/ }).focus());
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(await screen.findByText("total is now field 2 of 4")).toBeInTheDocument();
    await waitFor(() =>
      expect(state.entities.find((e) => e.name === "order")?.fields.map((f) => f.name)).toEqual([
        "number",
        "total",
        "status",
        "placed_at",
      ]),
    );
  });

  it("changes what a delete does, from either side", async () => {
    const user = userEvent.setup();
    await inspect("customer");
    await user.selectOptions(screen.getByRole("combobox", { name: /^On delete/ }), "cascade");
    await waitFor(() => expect(state.relationships[0]?.on_delete).toBe("cascade"));
  });

  it("says at the select why an action is refused", async () => {
    const user = userEvent.setup();
    state.refuse = {
      update_relationship: {
        code: "unsupported",
        message: "Not while the entity is dedicated.",
        details: {},
      },
    };
    await inspect("customer");
    await user.selectOptions(screen.getByRole("combobox", { name: /^On delete/ }), "cascade");
    expect(await screen.findByRole("alert")).toHaveTextContent("Not while the entity is dedicated.");
  });

  it("shows a self-reference from both its ends", async () => {
    const tag = idOf("tag");
    state.relationships.push(
      fakeRelationship({
        name: "parent",
        source: tag,
        target: tag,
        type: "many_to_one",
        inverse_name: "children",
      }),
    );
    await inspect("tag");
    expect(await screen.findByRole("button", { name: "parent → Tag" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "children ← Tag" })).toBeInTheDocument();
  });

  it("edits the selected relationship", async () => {
    const user = userEvent.setup();
    const customer = state.relationships[0];
    useView.getState().select({ kind: "relationship", relationship: customer?.id ?? "" });
    draw(<EntityInspector />);
    expect(await screen.findByRole("heading", { name: "customer" })).toBeInTheDocument();
    const name = screen.getByRole("textbox", { name: "Inverse name" });
    await user.type(name, "orders{Enter}");
    await waitFor(() => expect(state.relationships[0]?.inverse_name).toBe("orders"));
    await user.click(screen.getByRole("checkbox", { name: "Required" }));
    await waitFor(() => expect(state.relationships[0]?.required).toBe(true));
  });
});

describe("field settings as text", () => {
  it("change one at a time, and empty takes one away", () => {
    expect(withSetting({ min: "1", max: "9" }, "min", "")).toEqual({ max: "9" });
    expect(withSetting({}, "max_length", "40")).toEqual({ max_length: 40 });
    expect(withSetting({}, "max_length", "-4")).toBeNull();
    expect(withSetting({}, "options", " a \n\nb\na")).toEqual({ options: ["a", "b"] });
  });

  it("keep only what means something for the new type", () => {
    expect(configFor("integer", { min: "1", max_length: 4, options: ["a"] })).toEqual({ min: "1" });
    expect(configFor("bool", { min: "1" })).toEqual({});
  });

  it("leave the digits of a number to the engine, and read JSON where the type is JSON", () => {
    expect(defaultFrom("integer", "9007199254740993")).toBe("9007199254740993");
    expect(defaultFrom("bool", "false")).toBe(false);
    expect(defaultFrom("json", '{"a":1}')).toEqual({ a: 1 });
    expect(defaultFrom("json", "plain")).toBe("plain");
    expect(defaultFrom("string", "")).toBeNull();
    expect(defaultFrom("string", " kept ")).toBe(" kept ");
  });

  it("sum a field up", () => {
    expect(fieldSummary(fakeField({ name: "x", type: "email", required: true, unique: true }, 0))).toBe(
      "email · required · unique",
    );
    expect(movedTo(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
    expect(movedTo(["a", "b", "c"], 0, 9)).toEqual(["b", "c", "a"]);
  });
});

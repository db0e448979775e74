// The diagram on the stand-in: what a person does on the canvas, found by role and name.
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { registerActions } from "../../src/actions/registry";
import { DiagramPanel, useDiagramActions } from "../../src/features/diagram";
import { setDiagram } from "../../src/features/diagram/state";
import { useView } from "../../src/shared";
import { type FakeState, installFake } from "../fake/engine";
import { roastery } from "../fake/roastery";
import { draw } from "../render";

let state: FakeState;
beforeEach(() => {
  localStorage.clear();
  useView.setState({ tab: "diagram", selection: null, recordsEntity: null, folded: [] });
  setDiagram({
    far: false,
    inView: new Set(),
    expanded: new Set(),
    editing: null,
    drawing: null,
    joining: null,
    drafting: null,
    wanted: null,
  });
  state = installFake(roastery());
});

const idOf = (name: string) => state.entities.find((e) => e.name === name)?.id ?? "";

function Panel() {
  useDiagramActions();
  return <DiagramPanel />;
}

/** jsdom gives the canvas no size, so the test says which cards are in the window. */
async function open() {
  draw(<Panel />);
  await screen.findByRole("group", { name: "Entity Order, 48,112 records, shared" });
  act(() => setDiagram({ far: false, inView: new Set(state.entities.map((e) => e.id)) }));
}

const card = (name: string) => screen.getByRole("group", { name: new RegExp(`^Entity ${name},`) });

describe("the canvas", () => {
  it("says of each entity its name, records and storage, and shows its fields", async () => {
    await open();
    expect(card("Customer")).toHaveAccessibleName("Entity Customer, 12,480 records, dedicated");
    expect(within(card("Order")).getByText("placed_at")).toBeInTheDocument();
    expect(within(card("Order")).getByTitle("Unique")).toHaveTextContent("◆");
    expect(within(card("Order line")).getAllByText("→"), "two references").toHaveLength(2);
  });

  it("draws no field from afar, but every entity can still be reached", async () => {
    await open();
    act(() => setDiagram({ far: true }));
    expect(screen.queryByText("placed_at")).not.toBeInTheDocument();
    expect(card("Order")).toHaveAttribute("tabindex", "0");
  });

  it("makes an entity with the key T: named in its place, then ready for its first fields", async () => {
    const user = userEvent.setup();
    await open();
    await user.keyboard("t");
    await user.type(await screen.findByRole("textbox", { name: "Entity name" }), "Supplier{Enter}");
    act(() => setDiagram({ inView: new Set(state.entities.map((e) => e.id)) }));
    await waitFor(() => expect(state.entities.some((e) => e.name === "Supplier")).toBe(true));
    expect(
      state.layout.some((p) => p.entity === idOf("Supplier")),
      "it has its place at once",
    ).toBe(true);
    act(() => setDiagram({ inView: new Set(state.entities.map((e) => e.id)) }));
    // The card is measured and brought near before it is at rest: only then does what is typed stay where it is typed.
    await waitFor(() => expect(screen.getByRole("textbox", { name: "Field name" })).toHaveFocus());
    await act(
      () => new Promise((rest) => requestAnimationFrame(() => requestAnimationFrame(() => rest(undefined)))),
    );
    await user.selectOptions(await screen.findByRole("combobox", { name: "Field type" }), "text");
    await user.type(await screen.findByRole("textbox", { name: "Field name" }), "town{Enter}");
    await waitFor(() =>
      expect(state.entities.find((e) => e.name === "Supplier")?.fields.map((f) => [f.name, f.type])).toEqual([
        ["town", "text"],
      ]),
    );
    await waitFor(() => expect(screen.getByRole("textbox", { name: "Field name" })).toHaveValue(""));
  });

  it("says at the name why a new entity is refused, and Esc gives it up", async () => {
    const user = userEvent.setup();
    state.refuse = {
      create_entity: {
        code: "name_taken",
        message: 'There is already an entity named "order".',
        details: {},
      },
    };
    await open();
    await user.keyboard("n");
    const name = await screen.findByRole("textbox", { name: "Entity name" });
    await user.type(name, "order{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Choose another name.");
    expect(name, "what was typed stays").toHaveValue("order");
    await user.type(name, "{Escape}");
    expect(screen.queryByRole("textbox", { name: "Entity name" })).not.toBeInTheDocument();
  });

  it("renames an entity with F2 on its card", async () => {
    const user = userEvent.setup();
    await open();
    act(() => card("Tag").focus());
    await user.keyboard("{F2}");
    await user.clear(screen.getByRole("textbox", { name: "Entity name" }));
    await user.keyboard("Label{Enter}");
    await waitFor(() => expect(state.entities.find((e) => e.name === "tag")?.label).toBe("Label"));
  });

  it("draws a relationship with keys alone: R, Enter on the one, Enter on the other", async () => {
    const user = userEvent.setup();
    await open();
    await user.keyboard("r");
    await screen.findByText(/Pick the entity the relationship starts from/);
    act(() => card("Shipment").focus());
    await user.keyboard("{Enter}");
    expect(await screen.findByText(/From Shipment/)).toBeInTheDocument();
    act(() => card("Customer").focus());
    await user.keyboard("{Enter}");
    const dialog = await screen.findByRole("dialog", { name: "New relationship from Shipment to Customer" });
    expect(within(dialog).getByRole("textbox", { name: "Relationship name" })).toHaveValue("customer");
    await user.selectOptions(within(dialog).getByRole("combobox", { name: "Kind" }), "one_to_one");
    await user.click(within(dialog).getByRole("checkbox", { name: "Required" }));
    await user.selectOptions(within(dialog).getByRole("combobox", { name: "On delete" }), "cascade");
    await user.click(within(dialog).getByRole("button", { name: "Create relationship" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(state.relationships.at(-1)).toMatchObject({
      name: "customer",
      type: "one_to_one",
      source: idOf("shipment"),
      target: idOf("customer"),
      required: true,
      on_delete: "cascade",
      inverse_name: "shipment",
    });
    expect(useView.getState().selection?.kind, "the new line is selected").toBe("relationship");
  });

  it("offers no set null for a required reference, and Esc gives the line up", async () => {
    const user = userEvent.setup();
    await open();
    act(() => setDiagram({ joining: { source: idOf("tag"), target: idOf("tag") } }));
    const dialog = await screen.findByRole("dialog");
    const actions = () =>
      within(within(dialog).getByRole("combobox", { name: "On delete" }))
        .getAllByRole("option")
        .map((o) => o.textContent);
    expect(actions()).toContain("set null");
    await user.click(within(dialog).getByRole("checkbox", { name: "Required" }));
    expect(actions()).not.toContain("set null");
    expect(within(dialog).getByRole("combobox", { name: "On delete" })).toHaveValue("restrict");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    expect(state.relationships).toHaveLength(5);
  });

  it("says at the name why a relationship is refused", async () => {
    const user = userEvent.setup();
    state.refuse = { add_relationship: { code: "name_taken", message: "tag is taken.", details: {} } };
    await open();
    act(() => setDiagram({ joining: { source: idOf("tag"), target: idOf("order") } }));
    await user.click(await screen.findByRole("button", { name: "Create relationship" }));
    await waitFor(() =>
      expect(screen.getByRole("textbox", { name: "Relationship name" })).toHaveAccessibleDescription(
        /is taken/,
      ),
    );
  });

  it("moves the selected entity with the arrow keys, and saves a burst of them as one step", async () => {
    const user = userEvent.setup();
    await open();
    fireEvent.click(card("Tag"));
    act(() => card("Tag").focus());
    const before = state.changes.length;
    await user.keyboard("{ArrowRight}{ArrowRight}{ArrowDown}");
    await waitFor(() => expect(state.changes.length).toBe(before + 1), { timeout: 2000 });
    expect(state.layout.find((p) => p.entity === idOf("tag"))?.x).toBeGreaterThan(0);
  });

  it("asks about every selected entity at Delete, not about the last alone", async () => {
    const user = userEvent.setup();
    const asked: unknown[] = [];
    const stop = registerActions("test-drop", [
      {
        id: "entity.drop",
        label: "Drop entity",
        group: "Entity",
        run: (target) => asked.push(target?.entities),
      },
    ]);
    await open();
    fireEvent.click(card("Tag"));
    await user.keyboard("{Shift>}");
    fireEvent.click(card("Product"), { shiftKey: true });
    await user.keyboard("{/Shift}");
    act(() => card("Product").focus());
    await user.keyboard("{Delete}");
    expect(asked).toHaveLength(1);
    expect(new Set(asked[0] as string[])).toEqual(new Set([idOf("tag"), idOf("product")]));
    stop();
  });

  it("marks the cards that are chosen together, in the window too, until one is chosen alone", async () => {
    await open();
    const rings = () =>
      state.entities.filter((e) => card(e.label ?? "").className.includes("selected")).map((e) => e.name);
    fireEvent.click(card("Tag"));
    for (const [key, more] of [
      ["Shift", "Product"],
      ["Control", "Order"],
    ] as const) {
      fireEvent.keyDown(document, { key });
      fireEvent.click(card(more), { shiftKey: key === "Shift", ctrlKey: key === "Control" });
      fireEvent.keyUp(document, { key });
    }
    expect(useView.getState()).toMatchObject({ selection: { kind: "entity", entity: idOf("tag") } });
    expect(new Set(useView.getState().marked)).toEqual(new Set(["tag", "product", "order"].map(idOf)));
    // A field under the pointer is no reason to leave the others.
    fireEvent.keyDown(document, { key: "Control" });
    fireEvent.click(within(card("Order line")).getByText("quantity"), { ctrlKey: true });
    fireEvent.keyUp(document, { key: "Control" });
    expect(useView.getState().marked).toHaveLength(4);

    fireEvent.click(card("Product"));
    expect(useView.getState()).toMatchObject({
      selection: { kind: "entity", entity: idOf("product") },
      marked: [],
    });
    await waitFor(() => expect(rings()).toEqual(["product"]));

    act(() => useView.getState().mark(["order", "tag"].map(idOf)));
    await waitFor(() => expect(new Set(rings())).toEqual(new Set(["order", "tag"])));
    act(() => card("Tag").focus());
    await userEvent.setup().keyboard("{Escape}");
    await waitFor(() => expect(rings()).toEqual([]));
    expect(useView.getState()).toMatchObject({ selection: null, marked: [] });
  });

  it("opens the menu of all that are chosen, or chooses the card it is opened on", async () => {
    const asked: unknown[] = [];
    const stop = registerActions("test-menu", [
      {
        id: "entity.materialize",
        label: "Materialize",
        group: "Materialize",
        menu: ["entity", "entities"],
        run: (target) => asked.push(target),
      },
    ]);
    const user = userEvent.setup();
    await open();
    act(() => useView.getState().mark(["order", "tag"].map(idOf)));
    await waitFor(() => expect(card("Tag").className).toContain("selected"));
    fireEvent.contextMenu(card("Order"));
    await user.click(await screen.findByRole("menuitem", { name: "Materialize" }));
    expect(asked).toEqual([{ entity: idOf("order"), entities: expect.arrayContaining([idOf("tag")]) }]);
    fireEvent.contextMenu(card("Product"));
    await user.click(await screen.findByRole("menuitem", { name: "Materialize" }));
    expect(asked[1]).toEqual({ entity: idOf("product") });
    expect(useView.getState()).toMatchObject({
      selection: { kind: "entity", entity: idOf("product") },
      marked: [],
    });
    stop();
  });

  it("selects the card that was picked elsewhere", async () => {
    await open();
    act(() => useView.getState().select({ kind: "entity", entity: idOf("product") }));
    await waitFor(() => expect(card("Product").className).toContain("selected"));
    act(() => useView.getState().select(null));
    await waitFor(() => expect(card("Product").className).not.toContain("selected"));
  });

  it("asks for a first entity where there is none", async () => {
    state = installFake({ ...roastery(), entities: [], relationships: [], layout: [] });
    const user = userEvent.setup();
    draw(<Panel />);
    expect(await screen.findByRole("heading", { name: "Draw your first entity" })).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: /^New entity/ }));
    expect(await screen.findByRole("textbox", { name: "Entity name" })).toHaveFocus();
  });

  it("never moves what was given its place since the places were read", async () => {
    const [first, ...rest] = state.layout;
    const all = state.layout;
    let reads = 0;
    Object.defineProperty(state, "layout", { get: () => (reads++ === 0 ? rest : all) });
    draw(<Panel />);
    const name = state.entities.find((e) => e.id === first?.entity)?.label ?? "";
    await screen.findByRole("group", { name: new RegExp(`^Entity ${name},`) });
    await new Promise((rest) => setTimeout(rest, 200));
    expect(state.changes.filter((c) => c.kind === "move")).toHaveLength(0);
  });

  it("gives entities without a place one, saves it once, and moves nobody else", async () => {
    const [first, ...rest] = state.layout;
    state.layout = rest;
    draw(<Panel />);
    await waitFor(() => expect(state.layout.some((p) => p.entity === first?.entity)).toBe(true));
    expect(state.layout.filter((p) => p.entity !== first?.entity)).toEqual(rest);
    expect(
      state.changes.filter((c) => c.kind === "move"),
      "nothing to undo",
    ).toEqual([]);
  });
});

// A record pointed at from elsewhere in the window, as the problems of a plan are.
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RecordsPanel } from "../../src/features/records";
import { NO_LAYOUT, useGridView } from "../../src/features/records/gridView";
import { useView } from "../../src/shared";
import { type FakeState, installFake, newId } from "../fake/engine";
import { music } from "../fake/music";
import { draw } from "../render";

// jsdom lays nothing out: a window of 1,400 by 600 for everything that asks.
const size = { offsetWidth: 1400, offsetHeight: 600 };
const real = Object.keys(size).map(
  (name) => [name, Object.getOwnPropertyDescriptor(HTMLElement.prototype, name)] as const,
);
let state: FakeState;

beforeEach(() => {
  for (const [name, value] of Object.entries(size)) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
  }
  localStorage.clear();
  state = installFake(music(60));
  useView.setState({ tab: "records", selection: null, recordsEntity: null });
});
afterEach(() => {
  for (const [name, descriptor] of real) {
    if (descriptor) Object.defineProperty(HTMLElement.prototype, name, descriptor);
  }
});

const entity = (name: string) => {
  const found = state.entities.find((e) => e.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};

/** Opens the record at this place of the entity, or one that is not there, at a field. */
function pointAt(name: string, at: number | string, field: string) {
  const { id } = entity(name);
  useView.getState().openRecord(id, typeof at === "string" ? at : (state.records[id]?.[at]?.id ?? ""), field);
  draw(<RecordsPanel />);
}

/** The title of the column the keyboard is in. */
async function arrived(): Promise<string | null> {
  const cell = () => document.activeElement?.closest<HTMLElement>('[role="gridcell"]');
  await waitFor(() => expect(cell()).toBeTruthy());
  const index = cell()?.getAttribute("aria-colindex");
  return document.querySelector(`[role="columnheader"][aria-colindex="${index}"]`)?.textContent ?? null;
}

describe("a record that is pointed at", () => {
  it("is shown at a reference that is called by the relationship's name", async () => {
    pointAt("Album", 3, "artist");
    expect(await arrived()).toMatch(/^artist/);
    expect(useView.getState().aim).toBeNull();
  });

  it("is shown at the links of a many-to-many", async () => {
    pointAt("Album", 3, "tags");
    expect(await arrived()).toMatch(/^tags/);
  });

  it("is shown at the links that are called otherwise at their target", async () => {
    pointAt("Tag", 1, "tags");
    expect(await arrived()).toMatch(/^albums/);
  });

  it("is shown at a field that was hidden, which is shown for it", async () => {
    const { id, fields } = entity("Album");
    const [price] = fields.filter((f) => f.name === "price");
    if (!price) throw new Error("albums have prices");
    price.visible = false;
    useGridView.setState({ layouts: { [id]: { ...NO_LAYOUT, shown: { [price.id]: false } } } });
    pointAt("Album", 4, "price");
    expect(await arrived()).toMatch(/^price/);
    expect(useGridView.getState().layouts[id]?.shown[price.id]).toBe(true);
  });

  it("is said not to exist when only a link names it", async () => {
    pointAt("Album", newId(), "tags");
    expect(await screen.findByText(/^Record \w{8} does not exist$/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show all records" }));
    expect(await screen.findByRole("grid", { name: "Records of Album" })).toBeInTheDocument();
  });

  it("says where links can be shown that have no column at this end", async () => {
    for (const r of state.relationships) if (r.name === "tags") r.inverse_name = null;
    pointAt("Tag", 1, "tags");
    expect(await screen.findByText(/^The links of tags have no column in Tag/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByText(/have no column/)).toBeNull();
  });
});

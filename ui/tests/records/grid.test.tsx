import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RecordsPanel } from "../../src/features/records";
import { useGridView } from "../../src/features/records/gridView";
import { useView } from "../../src/shared";
import { type FakeState, installFake } from "../fake/engine";
import { music } from "../fake/music";
import { draw } from "../render";

// jsdom lays nothing out: a window of 1,400 by 600 for everything that asks.
const size = { offsetWidth: 1400, offsetHeight: 600, clientWidth: 1400, clientHeight: 600 };
const real = Object.entries(size).map(
  ([name]) => [name, Object.getOwnPropertyDescriptor(HTMLElement.prototype, name)] as const,
);
let state: FakeState;
const album = () => state.entities[0]?.id ?? "";
const rowsOf = (id: string) => state.records[id] ?? [];

beforeEach(() => {
  for (const [name, value] of Object.entries(size)) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
  }
  localStorage.clear();
  state = installFake(music(60));
  useGridView.setState({ layouts: {}, looks: {}, trail: [], detailOpen: false });
  useView.setState({ tab: "records", selection: null, recordsEntity: null });
  useView.getState().openRecords(album());
});
afterEach(() => {
  for (const [name, descriptor] of real) {
    if (descriptor) Object.defineProperty(HTMLElement.prototype, name, descriptor);
    else Reflect.deleteProperty(HTMLElement.prototype, name);
  }
});

async function open() {
  draw(<RecordsPanel />);
  const grid = await screen.findByRole("grid", { name: "Records of Album" });
  await within(grid).findAllByText("Night Moon");
  return grid;
}
const cell = (row: number, column: number) =>
  document.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`);
const focused = () => {
  const { row, column } = (document.activeElement as HTMLElement).dataset;
  return [Number(row), Number(column)];
};
async function enter(row: number, column: number) {
  const element = cell(row, column);
  if (!element) throw new Error(`no cell ${row}:${column}`);
  fireEvent.pointerDown(element, { button: 0 });
  await act(async () => element.focus());
}

describe("the grid", () => {
  it("says how many rows and columns there are, and where each stands", async () => {
    const grid = await open();
    await waitFor(() => expect(grid).toHaveAttribute("aria-rowcount", "61"));
    expect(within(grid).getByRole("columnheader", { name: "title" })).toHaveAttribute("aria-colindex", "2");
    expect(cell(1, 0)?.closest('[role="row"]')).toHaveAttribute("aria-rowindex", "3");
    expect(cell(2, 0)).toHaveTextContent("“”");
    expect(within(cell(6, 2) as HTMLElement).getByRole("img", { name: "no value" })).toBeInTheDocument();
    expect(
      within(cell(4, 2) as HTMLElement).getByRole("img", { name: "Does not fit: is not a number" }),
    ).toBeVisible();
    expect(cell(0, 1)).toHaveTextContent("9007199254740993");
  });

  it("has one tab stop, which the arrows move", async () => {
    const grid = await open();
    await enter(0, 0);
    await userEvent.keyboard("{ArrowDown}{ArrowDown}{ArrowRight}");
    expect(focused()).toEqual([2, 1]);
    expect(grid.querySelectorAll('[role="gridcell"][tabindex="0"]')).toHaveLength(1);
    await userEvent.keyboard("{Control>}{Home}{/Control}");
    expect(focused()).toEqual([0, 0]);
    await userEvent.keyboard("{Tab}");
    expect(focused()).toEqual([0, 1]);
  });

  it("takes what is typed, saves it with Enter and goes down", async () => {
    await open();
    await enter(1, 0);
    await userEvent.keyboard("Changed{Enter}");
    await waitFor(() => expect(rowsOf(album())[1]?.data.title).toBe("Changed"));
    expect(rowsOf(album())[1]?.version).toBe(2);
    expect(focused()).toEqual([2, 0]);
    expect(cell(1, 0)).toHaveTextContent("Changed");
  });

  it("leaves a value alone on Esc, and on Enter without a change", async () => {
    await open();
    await enter(1, 0);
    await userEvent.keyboard("{F2}nonsense{Escape}");
    expect(cell(1, 0)).toHaveTextContent("Night Moon");
    await userEvent.keyboard("{Enter}{Enter}");
    expect(rowsOf(album())[1]?.version).toBe(1);
  });

  it("keeps 64-bit integers digit for digit", async () => {
    await open();
    await enter(1, 1);
    await userEvent.keyboard("9223372036854775807{Tab}");
    await waitFor(() => expect(rowsOf(album())[1]?.data.catalogue_number).toBe("9223372036854775807"));
    expect(focused()).toEqual([1, 2]);
  });

  it("sets null with Ctrl+Backspace, and takes an edit back with Ctrl+Z", async () => {
    await open();
    await enter(1, 1);
    const before = rowsOf(album())[1]?.data.catalogue_number;
    await userEvent.keyboard("{Control>}{Backspace}{/Control}");
    await waitFor(() => expect(rowsOf(album())[1]?.data.catalogue_number).toBeNull());
    await userEvent.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(rowsOf(album())[1]?.data.catalogue_number).toBe(before));
  });

  it("keeps what could not be sent, and sends it again when asked", async () => {
    await open();
    await enter(1, 0);
    const lost = { code: "connection_lost", message: "The connection was lost.", details: {} };
    state.refuse = { update_record: lost };
    await userEvent.keyboard("Kept{Enter}");
    await waitFor(() => expect(cell(1, 0)).toHaveAttribute("aria-invalid", "true"));
    expect(cell(1, 0)).toHaveTextContent("Kept");
    state.refuse = {};
    await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
    await waitFor(() => expect(rowsOf(album())[1]?.data.title).toBe("Kept"));
    await waitFor(() => expect(cell(1, 0)).not.toHaveAttribute("aria-invalid", "true"));
  });

  it("shows both values and who was faster, when somebody changed the same one", async () => {
    await open();
    await enter(1, 0);
    await userEvent.keyboard("Mine");
    const row = rowsOf(album())[1];
    if (row) Object.assign(row, { version: 2, data: { ...row.data, title: "Theirs" }, updated_by: "ann" });
    await userEvent.keyboard("{Enter}");
    const notice = await screen.findByText(/^ann changed this record/);
    const box = within(notice.parentElement as HTMLElement);
    expect(box.getByText("Theirs", { selector: "dd *, dd" })).toBeInTheDocument();
    expect(box.getByText("Mine")).toBeInTheDocument();
    await userEvent.click(box.getByRole("button", { name: "Use mine" }));
    await waitFor(() => expect(rowsOf(album())[1]?.data.title).toBe("Mine"));
  });

  it("keeps what was typed at the cell when it is refused, and says why", async () => {
    await open();
    await enter(1, 1);
    await userEvent.keyboard("abc{Enter}");
    await waitFor(() => expect(cell(1, 1)).toHaveAttribute("aria-invalid", "true"));
    expect(cell(1, 1)).toHaveTextContent("abc");
    expect(await screen.findByText(/1 value was not saved/)).toHaveTextContent("is not an integer");
    await waitFor(() => expect(focused()).toEqual([1, 1]));
    await userEvent.keyboard("{Enter}");
    expect(screen.getByRole("textbox", { name: "catalogue_number" })).toHaveValue("abc");
    await userEvent.clear(screen.getByRole("textbox", { name: "catalogue_number" }));
    await userEvent.keyboard("77{Enter}");
    await waitFor(() => expect(rowsOf(album())[1]?.data.catalogue_number).toBe("77"));
    await waitFor(() => expect(screen.queryByText(/was not saved/)).toBeNull());
  });

  it("shows both values when somebody else was faster, and lets one choose", async () => {
    await open();
    await enter(1, 0);
    await userEvent.keyboard("Mine");
    const row = rowsOf(album())[1];
    if (!row) throw new Error("no row");
    row.data = { ...row.data, title: "Theirs" };
    row.version = 5;
    await userEvent.keyboard("{Enter}");
    expect(await screen.findByText("Theirs", { selector: "dd *" })).toBeVisible();
    expect(screen.getByText("Mine", { selector: "dd *" })).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Use mine" }));
    await waitFor(() => expect(rowsOf(album())[1]?.data.title).toBe("Mine"));
    expect(rowsOf(album())[1]?.version).toBe(6);
  });

  it("does not ask when somebody changed another field", async () => {
    await open();
    await enter(1, 0);
    await userEvent.keyboard("Mine");
    const row = rowsOf(album())[1];
    if (!row) throw new Error("no row");
    row.data = { ...row.data, notes: "theirs" };
    row.version = 5;
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(rowsOf(album())[1]?.data).toMatchObject({ title: "Mine", notes: "theirs" }));
  });
});

describe("a new record", () => {
  it("asks for what is required, keeps what was typed, and is inserted in one go", async () => {
    await open();
    await userEvent.click(screen.getByRole("button", { name: "New record" }));
    const row = await screen.findByRole("row", { name: "New record" });
    expect(within(row).getByText("required")).toBeVisible();
    await waitFor(() => expect(focused()).toEqual([60, 0]));
    await userEvent.keyboard("{Tab}x{Tab}");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(within(row).getAllByText(/x/).length).toBeGreaterThan(0));
    expect(await screen.findByText(/The new record was not saved: title is required/)).toBeVisible();
    expect(rowsOf(album())).toHaveLength(60);
    await waitFor(() => expect(focused()).toEqual([60, 0]));
    await userEvent.keyboard("Fresh{Enter}9{Tab}");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(rowsOf(album())).toHaveLength(61));
    expect(rowsOf(album())[60]?.data).toMatchObject({ title: "Fresh", catalogue_number: "9" });
  });

  it("goes away with Esc and can be brought back", async () => {
    await open();
    await userEvent.click(screen.getByRole("button", { name: "New record" }));
    await waitFor(() => expect(focused()).toEqual([60, 0]));
    await userEvent.keyboard("Draft{Enter}{Escape}");
    expect(screen.queryByRole("row", { name: "New record" })).toBeNull();
    expect(rowsOf(album())).toHaveLength(60);
  });
});

describe("relationships", () => {
  const artist = () => state.entities.find((e) => e.name === "Artist")?.id ?? "";

  it("offers the records of the other entity by name", async () => {
    await open();
    await enter(0, 0);
    await userEvent.keyboard("{End}{ArrowLeft}{Enter}");
    const box = await screen.findByRole("combobox", { name: /artist: search Artist/ });
    await userEvent.type(box, "Giant River Quartet 6");
    await screen.findByRole("option", { name: "Giant River Quartet 6" });
    await waitFor(() => expect(screen.getAllByRole("option")).toHaveLength(1));
    await userEvent.keyboard("{Enter}");
    const chosen = rowsOf(artist()).find((r) => r.data.name === "Giant River Quartet 6");
    await waitFor(() => expect(rowsOf(album())[0]?.data.artist_id).toBe(chosen?.id));
    expect(focused()).toEqual([1, 15]);
  });

  it("follows a reference to the other entity, and comes back", async () => {
    await open();
    await enter(0, 0);
    await userEvent.keyboard("{End}{ArrowLeft}{Control>}{Enter}{/Control}");
    const other = await screen.findByRole("grid", { name: "Records of Artist" });
    await waitFor(() => expect(other).toHaveAttribute("aria-rowcount", "2"));
    await userEvent.click(screen.getByRole("button", { name: "Back to Album" }));
    await screen.findByRole("grid", { name: "Records of Album" });
  });

  it("adds and takes away links", async () => {
    await open();
    await enter(1, 0);
    await userEvent.keyboard("{End}{Enter}");
    await screen.findByRole("combobox", { name: /tags: search Tag/ });
    await userEvent.click(await screen.findByRole("option", { name: /mono/ }));
    await waitFor(() => expect(within(cell(1, 16) as HTMLElement).getByRole("combobox")).toHaveValue(""));
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(cell(1, 16)).toHaveTextContent("mono"));
  });
});

describe("choosing and deleting", () => {
  it("says what a delete takes with it, in figures, and does it", async () => {
    await open();
    await enter(0, 0);
    await userEvent.keyboard("{Shift>} {/Shift}{ArrowDown}{Shift>} {/Shift}{Delete}");
    const dialog = await screen.findByRole("dialog", { name: "Delete 2 albums?" });
    expect(await within(dialog).findByText("Deletes 2 albums")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Delete 2 albums" }));
    await waitFor(() => expect(rowsOf(album())).toHaveLength(58));
  });

  it("says what is in the way", async () => {
    for (const r of state.relationships) if (r.name === "artist") r.on_delete = "restrict";
    useView.getState().openRecords(state.entities.find((e) => e.name === "Artist")?.id ?? "");
    draw(<RecordsPanel />);
    await screen.findByText("Night Kind Quartet 1", undefined, { timeout: 3000 }).catch(() => undefined);
    await waitFor(() => expect(cell(1, 0)).not.toBeNull());
    await enter(1, 0);
    await userEvent.keyboard("{Delete}");
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/2 Album records/)).toBeVisible();
    expect(within(dialog).queryByRole("button", { name: /^Delete/ })).toBeNull();
  });

  it("chooses every record with Ctrl+A and lets go with Esc", async () => {
    await open();
    await enter(0, 0);
    await userEvent.keyboard("{Control>}a{/Control}");
    expect(await screen.findByText("60 selected")).toBeVisible();
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByText("60 selected")).toBeNull();
  });
});

describe("narrowing", () => {
  it("searches, says when nothing is found, and clears", async () => {
    await open();
    await userEvent.type(screen.getByRole("searchbox", { name: "Search Album" }), "no such thing");
    expect(await screen.findByText("Nothing found")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Clear search and filters" }));
    await screen.findByRole("grid", { name: "Records of Album" });
  });

  it("sorts by a click, the other way by a second, by two columns with Shift", async () => {
    const grid = await open();
    const header = (name: string) => within(grid).getByRole("columnheader", { name });
    await userEvent.click(within(header("status")).getByRole("button"));
    expect(header("status")).toHaveAttribute("aria-sort", "ascending");
    await userEvent.click(within(header("status")).getByRole("button"));
    expect(header("status")).toHaveAttribute("aria-sort", "descending");
    fireEvent.click(within(header("title")).getByRole("button"), { shiftKey: true });
    expect(header("title")).toHaveAttribute("aria-sort", "ascending");
    expect(useGridView.getState().layouts[album()]?.sort).toEqual([
      { field: "status", descending: true },
      { field: "title", descending: false },
    ]);
  });

  it("invites to add the first record where there is none", async () => {
    state.records[album()] = [];
    state.counts[album()] = 0;
    draw(<RecordsPanel />);
    expect(await screen.findByText("No records in Album yet")).toBeVisible();
    const add = screen.getAllByRole("button", { name: "New record" }).at(-1) as HTMLElement;
    await userEvent.click(add);
    expect(await screen.findByRole("row", { name: "New record" })).toBeVisible();
  });
});

// The plan of the way back: where it is asked for, what it says, and what can be done from it.
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { runAction } from "../src/actions";
import {
  closeMaterialize,
  MaterializePanel,
  StorageCard,
  useMaterialize,
  useMaterializeActions,
} from "../src/features/materialize";
import { PlanSummary } from "../src/features/materialize/PlanSummary";
import { openJob } from "../src/features/materialize/state";
import { setReadOnly, usePrefs, useView } from "../src/shared";
import { dedicatedOrders } from "./dedicated";
import type { FakeState } from "./fake/engine";
import { draw } from "./render";

let state: FakeState;
beforeEach(() => {
  state = dedicatedOrders(false);
});

const idOf = (name: string) => state.entities.find((e) => e.name === name)?.id ?? "";
const planned = () => useMaterialize.getState().panel?.plan;
const modeOf = (name: string) => state.entities.find((e) => e.name === name)?.storage_mode;

function Card() {
  useMaterializeActions();
  const open = useMaterialize((s) => s.panel !== null);
  return open ? <MaterializePanel /> : <StorageCard entity={idOf("order")} />;
}

async function card() {
  draw(<Card />);
  await screen.findByRole("button", { name: "Show plan" });
  return userEvent.setup();
}

async function plan() {
  const shown = within(await screen.findByRole("region", { name: "Plan to bring back Order" }));
  await shown.findByRole("region", { name: "Summary" });
  return shown;
}

async function opened() {
  const user = await card();
  await user.click(screen.getByRole("button", { name: "Show plan" }));
  return { user, shown: await plan() };
}

describe("asking for it", () => {
  it("is beside Bring back, which stays one click", async () => {
    const user = await card();
    await user.click(screen.getByRole("button", { name: "Bring back" }));
    expect(await screen.findByRole("heading", { name: "Brought back Order" })).toBeInTheDocument();
    expect(modeOf("order")).toBe("shared");
  });

  it("is what Bring back does where plans are looked at first", async () => {
    usePrefs.setState({ planFirst: true });
    const user = await card();
    await user.click(screen.getByRole("button", { name: "Bring back" }));
    await plan();
    expect([modeOf("order"), state.jobs]).toEqual(["dedicated", []]);
    act(closeMaterialize);
    act(() => void runAction("entity.bringBack", { entity: idOf("order") }));
    expect(planned()).toEqual({ entities: [idOf("order")], back: true });
    expect(state.jobs).toEqual([]);
  });

  it("is a command for the selected, the marked, an application and all of them", async () => {
    state.entities = state.entities.map((e) =>
      e.application === "Sales" ? { ...e, storage_mode: "dedicated" } : { ...e, storage_mode: "shared" },
    );
    await card();
    const sales = state.entities.filter((e) => e.application === "Sales").map((e) => e.id);
    expect(runAction("entity.planBack", { entity: idOf("tag") }), "it is shared").toBe(false);
    const run = (action: string) => {
      act(() => void runAction(action));
      const of = planned();
      act(closeMaterialize);
      return of;
    };
    act(() => useView.getState().select({ kind: "entity", entity: idOf("order") }));
    expect(run("entity.planBack")).toEqual({ entities: [idOf("order")], back: true });
    expect(run("application.planBack")).toEqual({ entities: sales, back: true });
    expect(run("materialize.planBackAll")).toEqual({ entities: sales, back: true });
    act(() => useView.setState({ marked: [idOf("order"), idOf("shipment"), idOf("tag")] }));
    expect(new Set(run("entity.planBack")?.entities)).toEqual(new Set([idOf("order"), idOf("shipment")]));
  });

  it("can be looked at where the workspace may only be read", async () => {
    setReadOnly("It may only be read.");
    const { shown } = await opened();
    expect(shown.getByRole("button", { name: "Bring back" })).toBeDisabled();
    expect(runAction("entity.bringBack", { entity: idOf("order") })).toBe(false);
    expect(runAction("entity.planBack", { entity: idOf("order") })).toBe(true);
  });
});

describe("the plan", () => {
  it("says what is made and what goes, the locks and the SQL; no value can stand in the way", async () => {
    const { user, shown } = await opened();
    expect(shown.getByRole("heading", { name: "Bring back Order" })).toBeInTheDocument();
    const summary = within(shown.getByRole("region", { name: "Summary" }));
    expect(summary.getByText("48,112")).toBeInTheDocument();
    expect(summary.getByText("Shared rows and indexes").nextSibling).toHaveTextContent("14.0 MB");
    expect(summary.getByText(/10.5 MB of the file can be used again/)).toBeInTheDocument();
    expect(shown.queryByRole("region", { name: "Problems" })).not.toBeInTheDocument();
    expect(shown.queryByRole("region", { name: "Fields" })).not.toBeInTheDocument();
    expect(shown.getByRole("region", { name: "SQL that will run" })).toHaveTextContent(
      'DROP TABLE "kdb_order";',
    );
    await user.click(shown.getByRole("button", { name: /^Locks/ }));
    expect(shown.getByText("40 ms at a time")).toBeInTheDocument();
    expect(shown.getByText("Cut over")).toBeInTheDocument();
  });

  it("brings back with its button, and shows the job", async () => {
    const { user, shown } = await opened();
    await user.click(shown.getByRole("button", { name: "Bring back" }));
    expect(await screen.findByRole("heading", { name: "Brought back Order" })).toBeInTheDocument();
    expect([modeOf("order"), state.jobs.map((j) => j.kind)]).toEqual(["shared", ["dematerialize"]]);
  });

  it.each([
    ["Not now", (user: ReturnType<typeof userEvent.setup>) => user.click(screen.getByText("Not now"))],
    ["Escape", (user: ReturnType<typeof userEvent.setup>) => user.keyboard("{Escape}")],
  ])("%s leaves everything as it is", async (_, leave) => {
    const { user } = await opened();
    await leave(user);
    await waitFor(() => expect(useMaterialize.getState().panel).toBeNull());
    expect([modeOf("order"), state.jobs]).toEqual(["dedicated", []]);
  });

  it("closes when somebody turns to another entity, and stays at its own", async () => {
    await opened();
    act(() => useView.getState().select({ kind: "entity", entity: idOf("order") }));
    expect(planned()?.entities).toEqual([idOf("order")]);
    act(() => useView.getState().select({ kind: "entity", entity: idOf("tag") }));
    expect(useMaterialize.getState().panel).toBeNull();
  });

  it("waits for rights on the tables, and looks for them again", async () => {
    state.missingRights = ['ALTER TABLE "kdb_order" OWNER TO clerk'];
    const { user, shown } = await opened();
    expect(shown.getByText(/neither drop nor alter these tables/)).toBeInTheDocument();
    expect(shown.getByRole("button", { name: "Bring back" })).toBeDisabled();
    state.missingRights = [];
    await user.click(shown.getByRole("button", { name: "Check again" }));
    await waitFor(() => expect(shown.getByRole("button", { name: "Bring back" })).toBeEnabled());
  });

  it("says on a server that the tables give their disk back", async () => {
    const disk = { table_bytes: 1e6, index_bytes: 1e6, peak_bytes: 4e6, freed_bytes: 3e6 };
    const figures = { records: 1, links: 0, estimate_s: 1, problem_count: 0, by_hand: 0, order: ["order"] };
    const lists = { statements: [], problems: [], fields: [], locks: [], missing_rights: [] };
    state.kind = "postgres";
    draw(<PlanSummary plan={{ ...figures, ...lists, disk }} back />);
    expect(
      await screen.findByText(/3.0 MB are free again once their own tables are gone/),
    ).toBeInTheDocument();
  });

  it("is not shown for a job that failed on the way back: no choice would help it", async () => {
    const at = "2026-01-01T00:00:00Z";
    const error = { code: "invalid_values" as const, message: "Nothing was moved.", details: {} };
    const figures = { done: 0, total: 100, captured: 0, waiting: 0, reports: [], log: [] };
    const of = { entities: ["order"], entity_ids: [idOf("order")], by: "Somebody (in a window)", here: true };
    const stands = { status: "failed" as const, phase: "verify" as const, started_at: at, updated_at: at };
    state.jobs = [{ id: "failed", kind: "dematerialize", error, ...figures, ...of, ...stands }];
    openJob("failed");
    draw(<MaterializePanel />);
    expect(await screen.findByRole("heading", { name: "Could not bring back Order" })).toBeInTheDocument();
    expect(screen.getByText(/Nothing was moved/)).toBeInTheDocument();
  });
});

// The plan before a materialize: what it says, and what can be done from it.
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { Job } from "../src/api";
import { closeMaterialize, MaterializePanel, useMaterialize } from "../src/features/materialize";
import { heldFor } from "../src/features/materialize/held";
import { PlanSql } from "../src/features/materialize/PlanSql";
import { range } from "../src/features/materialize/profiles";
import { openJob, openPlan } from "../src/features/materialize/state";
import { formatBytes, useView } from "../src/shared";
import { type FakeState, installFake } from "./fake/engine";
import { roastery } from "./fake/roastery";
import { draw } from "./render";

let state: FakeState;
beforeEach(() => {
  localStorage.clear();
  useView.setState({ tab: "diagram", selection: null, recordsEntity: null, aim: null, folded: [] });
  closeMaterialize();
  state = installFake({ ...roastery(), pace: 5 });
});

const idOf = (name: string) => state.entities.find((e) => e.name === name)?.id ?? "";

async function plan(...names: string[]) {
  openPlan(names.map(idOf));
  draw(<MaterializePanel />);
  return within(await screen.findByRole("region", { name: /^Plan to materialize / }));
}

function failedJob(entity: string): Job {
  const at = "2026-01-01T00:00:00Z";
  const error = { code: "invalid_values" as const, message: "Nothing was moved.", details: {} };
  const figures = { done: 0, total: 100, captured: 0, waiting: 0, reports: [], log: [] };
  const of = { entities: ["order"], entity_ids: [entity], by: "Somebody (in a window)", here: true };
  const stands = { status: "failed" as const, phase: "validate" as const, started_at: at, updated_at: at };
  return { id: "failed", kind: "materialize", error, ...figures, ...of, ...stands };
}

describe("the plan", () => {
  it("says what it comes to, and that every value fits", async () => {
    const shown = await plan("order");
    const summary = within(await shown.findByRole("region", { name: "Summary" }));
    expect(summary.getByText("48,112")).toBeInTheDocument();
    expect(summary.getByText("10.5 MB")).toBeInTheDocument();
    expect(summary.getByText(/Needs 21.0 MB of free disk/)).toBeInTheDocument();
    expect(shown.getByText("Every value fits its column.")).toBeInTheDocument();
    expect(shown.getByRole("button", { name: "Materialize" })).toBeEnabled();
  });

  it("describes each field", async () => {
    const shown = await plan("order");
    const total = within(await shown.findByRole("listitem", { name: "total" }));
    expect(total.getByText(/50 % filled/)).toBeInTheDocument();
    expect(total.getByText("-12.50 to 9223372036854775807")).toBeInTheDocument();
    expect(
      within(shown.getByRole("listitem", { name: "status" })).getByText(/about 100 values/),
    ).toBeInTheDocument();
  });

  it("takes a type that fits better with one click, and is made anew", async () => {
    const user = userEvent.setup();
    const shown = await plan("order");
    expect(await shown.findByText("1 type could fit better")).toBeInTheDocument();
    expect(shown.getByText("All 48,112 values are integers.")).toBeInTheDocument();
    await user.click(shown.getByRole("button", { name: "Make it integer" }));
    await waitFor(() =>
      expect(shown.queryByRole("button", { name: "Make it integer" })).not.toBeInTheDocument(),
    );
    const field = state.entities.find((e) => e.name === "order")?.fields.find((f) => f.name === "number");
    expect([field?.type, field?.unique]).toEqual(["integer", true]);
  });

  it("opens a problem in the grid at its field, and stays to be looked at again", async () => {
    state.problems = 3;
    const user = userEvent.setup();
    const shown = await plan("order");
    await user.click(
      (await shown.findAllByRole("button", { name: /^Open total of record/ }))[0] as HTMLElement,
    );
    const view = useView.getState();
    expect([view.tab, view.recordsEntity, view.aim?.field]).toEqual(["records", idOf("order"), "total"]);
    state.problems = 0;
    await user.click(shown.getByRole("button", { name: "Check again" }));
    expect(await shown.findByText("Every value fits its column.")).toBeInTheDocument();
  });

  it("does not go on while something has to be corrected by hand", async () => {
    state.problems = 3;
    state.byHand = 1;
    const user = userEvent.setup();
    const shown = await plan("order");
    expect(await shown.findByText(/1 value has to be corrected by hand/)).toBeInTheDocument();
    await user.click(shown.getByRole("radio", { name: /Replace by null/ }));
    expect(shown.getByRole("button", { name: "Materialize" })).toBeDisabled();
  });

  it("says whose record it is that another table refers from", async () => {
    state.problems = 1;
    state.byHand = 1;
    state.problemsOf = "shipment";
    const user = userEvent.setup();
    const shown = await plan("order");
    await user.click(await shown.findByRole("button", { name: /^Open shipment\.\w+ of record/ }));
    const view = useView.getState();
    expect([view.tab, view.recordsEntity]).toEqual(["records", idOf("shipment")]);
    expect(useMaterialize.getState().panel, "it can be checked again").not.toBeNull();
    expect(await shown.findByRole("button", { name: "Check again" })).toBeInTheDocument();
    act(() => useView.getState().openRecords(idOf("tag")));
    expect(useMaterialize.getState().panel, "somebody went elsewhere").toBeNull();
  });

  it("stays while its problems are followed when a job has failed for them", async () => {
    state.problems = 2;
    state.problemsOf = "shipment";
    const [id, user] = [idOf("order"), userEvent.setup()];
    useView.getState().select({ kind: "entity", entity: id });
    state.jobs = [failedJob(id)];
    openJob("failed");
    draw(<MaterializePanel />);
    const shown = within(await screen.findByRole("region", { name: "Plan to materialize Order" }));
    const [first] = await shown.findAllByRole("button", { name: /^Open shipment\.\w+ of record/ });
    await user.click(first as HTMLElement);
    expect(useView.getState().recordsEntity).toBe(idOf("shipment"));
    act(() => useView.getState().openRecords(id));
    await user.click(await shown.findByRole("button", { name: "Check again" }));
    expect(useMaterialize.getState().panel?.job).toBe("failed");
  });

  it("folds its sections away; the locks are folded at first", async () => {
    const user = userEvent.setup();
    const shown = await plan("order", "shipment");
    expect(await shown.findByRole("listitem", { name: "order.total" })).toBeInTheDocument();
    await user.click(shown.getByRole("button", { name: /^Fields/ }));
    expect(shown.queryByRole("listitem", { name: "order.total" })).not.toBeInTheDocument();
    expect(shown.queryByText("20 ms")).not.toBeInTheDocument();
    await user.click(shown.getByRole("button", { name: /^Locks/ }));
    expect(shown.getByText("20 ms")).toBeInTheDocument();
    expect(shown.getByText("40 ms at a time")).toBeInTheDocument();
  });
});

describe("its SQL", () => {
  const statements = Array.from(
    { length: 80 },
    (_, i) =>
      `-- again for each of the batches that follow\nINSERT INTO "t" VALUES (${i})${i % 2 ? ";\n" : ""}`,
  );

  it("lists many statements with what is said of them, each ended once, and copies what it shows", async () => {
    const user = userEvent.setup();
    const { container } = draw(<PlanSql statements={statements} kind="sqlite" />);
    expect(screen.getByText("80 statements")).toBeInTheDocument();
    const text = container.querySelector("pre")?.textContent ?? "";
    expect(text.split("\n\n")).toHaveLength(80);
    expect(text.match(/;/g)).toHaveLength(80);
    await waitFor(() => expect(container.querySelectorAll('[data-colour="comment"]')).toHaveLength(80));
    await user.click(screen.getByRole("button", { name: "Copy SQL" }));
    expect(await navigator.clipboard.readText()).toBe(`${text}\n`);
  });
});

describe("its words", () => {
  it("writes sizes, times and ranges", () => {
    expect([formatBytes(900), formatBytes(2_250_000), formatBytes(3e9)]).toEqual([
      "1 kB",
      "2.3 MB",
      "3.0 GB",
    ]);
    expect([heldFor(0), heldFor(0.04), heldFor(1.25)]).toEqual(["under 1 ms", "40 ms", "1.3 s"]);
    expect(range({ smallest: 1, largest: 1 })).toBe("1");
    expect(range({ smallest: null, largest: null })).toBeNull();
  });
});

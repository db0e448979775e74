// The list of what stands in the way of a plan: longer than the plan itself carries.
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Problem } from "../src/api";
import { closeMaterialize, MaterializePanel } from "../src/features/materialize";
import { ProblemTable } from "../src/features/materialize/ProblemTable";
import { openPlan } from "../src/features/materialize/state";
import { useView } from "../src/shared";
import { type FakeState, installFake, newId } from "./fake/engine";
import { roastery } from "./fake/roastery";
import { draw } from "./render";

// jsdom lays nothing out: a box of 260 pixels, and rows of 29.
const real = Object.getOwnPropertyDescriptor(HTMLElement.prototype, "offsetHeight");
let state: FakeState;
beforeEach(() => {
  Object.defineProperty(HTMLElement.prototype, "offsetHeight", {
    configurable: true,
    get(this: HTMLElement) {
      return this.tagName === "TR" ? 29 : 260;
    },
  });
  localStorage.clear();
  useView.setState({ tab: "diagram", selection: null, recordsEntity: null, aim: null, folded: [] });
  closeMaterialize();
  state = installFake({ ...roastery(), pace: 5 });
});
afterEach(() => {
  if (real) Object.defineProperty(HTMLElement.prototype, "offsetHeight", real);
  vi.restoreAllMocks();
});

async function problems(count: number) {
  state.problems = count;
  openPlan([state.entities.find((e) => e.name === "order")?.id ?? ""]);
  draw(<MaterializePanel />);
  const shown = within(await screen.findByRole("region", { name: "Problems" }));
  await shown.findByRole("table");
  return shown;
}

const problem = (value: string): Problem => ({
  entity: "order",
  record: "00000000-0000-7000-8000-000000000001",
  field: "tags",
  value,
  reason: "refers to a record that does not exist",
  kind: "orphan",
  settles: true,
});

describe("the problems of a plan", () => {
  it("are shown a thousand more at a time, to the last", async () => {
    const user = userEvent.setup();
    const shown = await problems(2500);
    expect(shown.getByRole("status")).toHaveTextContent("1,000 of 2,500");
    await user.click(shown.getByRole("button", { name: "Show 1,000 more" }));
    await waitFor(() => expect(shown.getByRole("status")).toHaveTextContent("2,000 of 2,500"));
    await user.click(shown.getByRole("button", { name: "Show 500 more" }));
    await waitFor(() => expect(shown.queryByRole("button", { name: /more$/ })).toBeNull());
    expect(shown.getByRole("table")).toHaveAttribute("aria-rowcount", "2501");
  });

  it("say why no more could be read, and can be asked for again", async () => {
    const user = userEvent.setup();
    const shown = await problems(1500);
    const lost = { code: "connection_lost", message: "The connection was lost.", details: {} };
    state.refuse = { materialize_problems: lost };
    await user.click(shown.getByRole("button", { name: "Show 500 more" }));
    expect(await shown.findByText("The connection was lost.")).toBeVisible();
    state.refuse = {};
    await user.click(shown.getByRole("button", { name: "Show 500 more" }));
    await waitFor(() => expect(shown.getByRole("table")).toHaveAttribute("aria-rowcount", "1501"));
    expect(shown.queryByText("The connection was lost.")).toBeNull();
  });

  it("begin anew with a plan that is made anew", async () => {
    const user = userEvent.setup();
    const shown = await problems(1500);
    await user.click(shown.getByRole("button", { name: "Show 500 more" }));
    await waitFor(() => expect(shown.getByRole("table")).toHaveAttribute("aria-rowcount", "1501"));
    state.problems = 1200;
    await user.click(shown.getByRole("button", { name: "Check again" }));
    expect(await shown.findByRole("button", { name: "Show 200 more" })).toBeInTheDocument();
    expect(shown.getByRole("status")).toHaveTextContent("1,000 of 1,200");
  });
});

describe("the table", () => {
  it("draws only the rows in sight", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({ ...problem(`value ${i}`), record: newId() }));
    draw(<ProblemTable problems={many} count={many.length} idOf={() => "order"} />);
    expect(screen.getAllByRole("row").length).toBeLessThan(60);
    expect(screen.getByRole("row", { name: /value 3 / })).toHaveAttribute("aria-rowindex", "5");
  });

  it("tells apart two problems of one field of one record", () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
    draw(<ProblemTable problems={[problem("one"), problem("other")]} count={2} idOf={() => "order"} />);
    expect(screen.getAllByRole("button", { name: /^Open tags of record/ })).toHaveLength(2);
    expect(said).not.toHaveBeenCalled();
  });
});

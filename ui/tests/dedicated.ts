// A window on the roastery whose orders lie in a table of their own.
import { queryClient } from "../src/app/queryClient";
import { setDiagram } from "../src/features/diagram/state";
import { closeMaterialize } from "../src/features/materialize";
import { usePrefs, useView } from "../src/shared";
import { type FakeState, installFake } from "./fake/engine";
import { roastery } from "./fake/roastery";

/** With nothing open, chosen or remembered. `planFirst`: whether plans are looked at first. */
export function dedicatedOrders(planFirst: boolean): FakeState {
  localStorage.clear();
  usePrefs.setState({ planFirst });
  useView.setState({ tab: "diagram", selection: null, recordsEntity: null, aim: null, folded: [] });
  closeMaterialize();
  setDiagram({
    joining: null,
    drawing: null,
    drafting: null,
    editing: null,
    wanted: null,
    expanded: new Set(),
  });
  queryClient.clear();
  const state = installFake({ ...roastery(), pace: 5 });
  state.entities = state.entities.map((e) => (e.name === "order" ? { ...e, storage_mode: "dedicated" } : e));
  return state;
}

import { describe, expect, it, vi } from "vitest";
import { type Action, keyMap, listActions, registerActions, runAction } from "../src/actions";
import { byFit } from "../src/app/match";
import { sentence } from "../src/features/history/UndoStatus";
import { newChange } from "../src/features/history/useUndoToast";

const action = (id: string, more: Partial<Action> = {}): Action => ({
  id,
  label: id,
  group: "Edit",
  run: () => undefined,
  ...more,
});

describe("the action list", () => {
  it("holds a set for as long as it is offered", () => {
    const withdraw = registerActions("a", [action("one"), action("two")]);
    expect(listActions().map((a) => a.id)).toEqual(["one", "two"]);
    withdraw();
    expect(listActions()).toEqual([]);
  });

  it("runs by id, with a target, and only when it applies", () => {
    const run = vi.fn();
    const withdraw = registerActions("a", [action("drop", { run, when: (t) => t?.entity === "x" })]);
    expect(runAction("drop", { entity: "y" })).toBe(false);
    expect(runAction("drop", { entity: "x" })).toBe(true);
    expect(runAction("absent")).toBe(false);
    expect(run).toHaveBeenCalledExactlyOnceWith({ entity: "x" });
    withdraw();
  });

  it("knows every key of an action", () => {
    const redo = action("redo", { keys: "mod+shift+Z mod+Y" });
    expect([...keyMap([redo]).keys()]).toEqual(["mod+shift+Z", "mod+Y"]);
  });
});

describe("search in the palette", () => {
  const find = (q: string, items: string[]) =>
    byFit(
      q,
      items,
      (s) => s,
      () => "",
    );
  it("puts the closest first", () =>
    expect(find("or", ["Color", "Order line", "Big order", "Tag"])).toEqual([
      "Order line",
      "Big order",
      "Color",
    ]));
  it("takes words in any order", () =>
    expect(find("line ord", ["Order line", "Order"])).toEqual(["Order line"]));
  it("leaves the list alone without a query", () => expect(find(" ", ["b", "a"])).toEqual(["b", "a"]));
});

describe("the word after an edit", () => {
  const change = (version: number, undone = false, kind = "add_field") => ({
    id: String(version),
    version,
    kind,
    description: "",
    entities: [],
    at: "",
    author: null,
    undone,
  });
  it("says nothing of what was there on opening", () => expect(newChange([change(3)], null)).toBeNull());
  it("speaks of a new change", () => expect(newChange([change(4), change(3)], 3)?.version).toBe(4));
  it("says nothing after an undo", () => expect(newChange([change(4, true), change(3)], 4)).toBeNull());
  it("says nothing of a move", () => expect(newChange([change(4, false, "move")], 3)).toBeNull());
});

it("writes a description after a colon", () => {
  expect(sentence("Rename field total")).toBe("rename field total");
  expect(sentence("SQL import")).toBe("SQL import");
});

import { expect, Key, test } from "../harness/index.ts";
import { inBoth, value } from "./steps.ts";

test("the plan of an edit is looked at, then the table is changed", async ({ launch }) => {
  const app = await launch();
  const path = app.home.path("shop.db");
  const cli = <T>(...args: string[]) => app.home.cli<T>("-w", path, ...args);
  cli("init");
  cli("entity", "create", "Part", "--field", "code:string:required", "--field", "weight:string");
  for (const code of ["A", "B", "C"]) cli("record", "insert", "Part", JSON.stringify({ code, weight: code === "A" ? "12" : "7" }));
  cli("materialize", "Part");
  await app.openWorkspace(path);

  await app.click(["treeitem", "Part"]);
  await app.find("heading", "Part");
  await app.click(["button", /^weight string/]);
  await app.find("group", "Field weight");
  await app.click(["checkbox", "Show plan first"]);
  const field = () => {
    const part = cli<{ fields: { name: string; unique: boolean; required: boolean }[] }>("entity", "show", "Part");
    return part.fields.find((f) => f.name === "weight");
  };

  // What stands in the way of a unique value is told before anything is done, and keeps it from being done.
  await app.click(["checkbox", "Unique"]);
  await app.find("heading", "Change weight of Part");
  await app.seeText("must be unique");
  await inBoth(app, "edit-plan");
  expect(await (await app.find("button", "Change")).isEnabled()).toBe(false);
  await app.click(["button", "Not now"]);
  await app.gone("heading", "Change weight of Part");
  expect(field()).toMatchObject({ unique: false, required: false });

  // Nothing stands in the way of a required one: it is done from its plan.
  await app.click(["checkbox", "Required"]);
  await app.find("heading", "Change weight of Part");
  await app.seeText("Nothing stands in the way");
  expect(field()).toMatchObject({ required: false });
  await app.click(["button", "Change"]);
  await app.waitFor(async () => field()?.required === true, { what: "the change" });
  await app.gone("heading", "Change weight of Part");

  // A field that is added is looked at too; Esc leads back to what was typed, with the keyboard in it.
  const fields = () => cli<{ fields: { name: string }[] }>("entity", "show", "Part").fields.map((f) => f.name);
  const inspector = await app.find("complementary", "Inspector");
  await app.click(await app.find("button", "Add field", { within: inspector }));
  await app.find("form", "New field");
  await app.type("colour");
  await app.press(Key.ENTER);
  await app.find("heading", "Add colour to Part");
  await app.press(Key.ESCAPE);
  const form = await app.find("form", "New field");
  expect(await value(await app.find("textbox", "Field name", { within: form }))).toBe("colour");
  expect(fields()).not.toContain("colour");
  await app.press(Key.ENTER);
  await app.find("heading", "Add colour to Part");
  await app.click(["button", "Add"]);
  await app.waitFor(async () => fields().includes("colour"), { what: "the field" });
});

import { expect, test } from "../harness/index.ts";
import { command, inBoth } from "./steps.ts";

test("the workspace is copied to another place, which then holds the same", async ({ launch }) => {
  const app = await launch();
  const path = app.home.path("shop.db");
  const cli = (file: string, ...args: string[]) => app.home.cli<{ name: string; records: number }[]>("-w", file, ...args);
  cli(path, "init");
  cli(path, "entity", "create", "Order", "--field", "number:string");
  for (let i = 1; i <= 3; i++) cli(path, "record", "insert", "Order", JSON.stringify({ number: `A-${i}` }));
  await app.openWorkspace(path);
  await app.find("treeitem", "Order");

  await command(app, "Copy the workspace");
  const dialog = await app.find("dialog", "Copy the workspace");
  const copy = app.home.path("copy.db");
  await app.fill(["textbox", "To"], path);
  await app.click(await app.find("button", "Copy", { within: dialog }));
  await app.find("alert", /.*/);
  await inBoth(app, "copy-refused");
  await app.fill(["textbox", "To"], copy);
  await app.click(await app.find("button", "Copy", { within: dialog }));
  await app.seeText(/1 entity, 3 records and 0 links are at copy\.db/, 60_000);
  await inBoth(app, "copy-done");
  await app.click(["button", "Done"]);
  await app.gone("dialog", "Copy the workspace");
  expect(cli(copy, "entity", "list").map((e) => [e.name, e.records])).toEqual([["Order", 3]]);
});

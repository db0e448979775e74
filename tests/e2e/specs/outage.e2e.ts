// A server that really goes away, in the middle of somebody's typing, and comes back.
import { afterAll, beforeAll } from "vitest";
import { type App, expect, Key, type PrivateServer, startPrivateServer, test } from "../harness/index.ts";
import { workspace } from "./remote.ts";
import { cell, gridOf, gridRows, inBoth, openRecords, value } from "./steps.ts";

let server: PrivateServer | null;
beforeAll(async () => {
  server = await startPrivateServer();
});
afterAll(() => server?.leave());

test("the server stops while somebody is typing and comes back: the text is still there, is saved, and others' changes show", async ({
  launch,
  skip,
}) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const one = await launch();
  const at = await workspace(one, server);
  at.cli("entity", "create", "Order", "--field", "number:string");
  for (const number of ["A-1", "A-2"]) at.cli("record", "insert", "Order", JSON.stringify({ number }));
  const numbers = () => at.cli<{ records: { data: { number: string } }[] }>("record", "list", "Order").records.map((r) => r.data.number);
  const other = await launch();
  await other.invoke("connect", { connection: at.connection, password: server.password, remember: false, create: false });
  await other.driver.navigate().refresh();
  for (const app of [one, other]) await openRecords(app, "Order");
  const [grid, others] = [await gridOf(one, "Order"), await gridOf(other, "Order")];
  await shows(one, ["A-1", "A-2"]);
  await shows(other, ["A-1", "A-2"]);

  // In the middle of a word.
  await one.doubleClick(await cell(one, grid, 1, "number"));
  await one.press(Key.END);
  await one.type(" typed bef");
  await server.stop();
  await one.find("status", "Connection", { timeout: 30_000 });
  await one.type("ore and meanwhile");
  expect(await value(await one.find("textbox", "number"))).toBe("A-1 typed before and meanwhile");
  await inBoth(one, "server-stopped");

  // What somebody sends meanwhile is refused, and kept at its cell.
  await other.find("status", "Connection", { timeout: 30_000 });
  await other.click(await cell(other, others, 2, "number"));
  await other.type("A-2 sent meanwhile");
  await other.press(Key.ENTER);
  await other.find("button", "Try again", { timeout: 60_000 });

  await server.start();
  for (const app of [one, other]) await app.gone("status", "Connection", 60_000);
  expect(numbers(), "nothing was done that was not said").toEqual(["A-1", "A-2"]);
  expect(await value(await one.find("textbox", "number"))).toBe("A-1 typed before and meanwhile");

  // The other window's value goes through now and shows here, beside the box that is still open.
  await other.click(await cell(other, others, 2, "number"));
  await other.click(["button", "Try again"]);
  await one.seeText("A-2 sent meanwhile", 30_000);
  expect(await value(await one.find("textbox", "number"))).toBe("A-1 typed before and meanwhile");
  await one.press(Key.ENTER);
  await one.waitFor(async () => numbers()[0] === "A-1 typed before and meanwhile", { what: "the value on the server" });
  await shows(other, ["A-1 typed before and meanwhile", "A-2 sent meanwhile"]);
  await shows(one, ["A-1 typed before and meanwhile", "A-2 sent meanwhile"]);
  await inBoth(one, "server-back");
});

/** Waits until the grid of orders shows these numbers. */
async function shows(app: App, numbers: string[]): Promise<void> {
  const grid = await gridOf(app, "Order");
  await app.waitFor(async () => JSON.stringify((await gridRows(app, grid)).map((row) => row.number)) === JSON.stringify(numbers), {
    timeout: 30_000,
    what: `the numbers ${numbers.join(", ")}`,
  });
}

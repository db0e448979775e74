// Several people, or several programs of one person, at one workspace on a server.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { afterAll, beforeAll } from "vitest";
import { type App, expect, Key, Line, type Server, startServer, test } from "../harness/index.ts";
import { cliBinary } from "../harness/home.ts";
import { psql, workspace } from "./remote.ts";
import { cell, gridOf, gridRows, inBoth, openRecords } from "./steps.ts";

let server: Server | null;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.leave());

test("a value somebody else has changed meanwhile: both are shown, and the person chooses", async ({ launch, skip }) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const app = await launch();
  const at = await workspace(app, server);
  const cli = at.cli<{ id: string; version: number }>;
  cli("entity", "create", "Order", "--field", "number:string", "--field", "status:string");
  const order = cli("record", "insert", "Order", JSON.stringify({ number: "A-1", status: "new" }));
  const status = () => at.cli<{ data: { status: string } }>("record", "get", "Order", order.id).data.status;
  await openRecords(app, "Order");
  const grid = await gridOf(app, "Order");

  const collide = async (mine: string, theirs: string) => {
    await app.click(await cell(app, grid, 1, "status"));
    await app.type(mine);
    cli("record", "update", "Order", order.id, JSON.stringify({ status: theirs }));
    await app.press(Key.ENTER);
    await app.seeText("changed this record");
    await app.seeText(new RegExp(`Theirs\\s+${theirs}\\s+Yours\\s+${mine}`));
  };
  await collide("paid", "packed");
  await inBoth(app, "stale-both-values");
  await app.click(await cell(app, grid, 1, "status"));
  await app.click(["button", "Keep theirs"]);
  await app.waitFor(async () => (await gridRows(app, grid))[0]?.status === "packed", { what: "their value" });
  expect(status()).toBe("packed");
  await collide("paid", "sent");
  await app.click(["button", "Use mine"]);
  await app.waitFor(async () => status() === "paid", { what: "my value on the server" });

  // Another field of the same record is no reason to ask.
  await app.click(await cell(app, grid, 1, "number"));
  await app.type("A-2");
  cli("record", "update", "Order", order.id, JSON.stringify({ status: "closed" }));
  await app.press(Key.ENTER);
  await app.waitFor(
    async () => JSON.stringify((await gridRows(app, grid))[0]).includes("A-2") && status() === "closed",
    { what: "both changes" },
  );
});

test("the server goes away and comes back: it is said, what was typed stays, and everything is read anew", async ({
  launch,
  skip,
}) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const line = await Line.to(server.host, server.port);
  const app = await launch();
  const at = await workspace(app, server, line.port);
  at.cli("entity", "create", "Order", "--field", "number:string");
  at.cli("record", "insert", "Order", JSON.stringify({ number: "A-1" }));
  await openRecords(app, "Order");
  const grid = await gridOf(app, "Order");
  await app.seeText("A-1");

  await line.cut();
  await app.find("status", "Connection");
  await app.click(await cell(app, grid, 1, "number"));
  await app.type("typed meanwhile");
  await app.press(Key.ENTER);
  await app.find("button", "Try again", { timeout: 60_000 });
  await app.seeText("typed meanwhile");
  await inBoth(app, "connection-lost");

  at.cli("record", "insert", "Order", JSON.stringify({ number: "made by another" }));
  await line.mend();
  await app.gone("status", "Connection", 60_000);
  await app.seeText("made by another");
  await app.seeText("typed meanwhile");
  await app.click(await cell(app, grid, 1, "number"));
  await app.click(["button", "Try again"]);
  await app.waitFor(
    async () => at.cli<{ records: { data: { number: string } }[] }>("record", "list", "Order").records[0]?.data.number === "typed meanwhile",
    { what: "the value on the server" },
  );
  await line.cut();
});

test("two programs at one entity: the window says who is at it, and cannot begin as well", async ({ launch, skip }) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const app = await launch();
  const at = await workspace(app, server);
  at.cli("entity", "create", "Contact", "--field", "name:string", "--field", "city:string");
  const file = app.home.path("contacts.ndjson");
  const lines = createWriteStream(file);
  for (let i = 0; i < 20_000; i++) lines.write(`${JSON.stringify({ name: `Contact ${i}`, city: `City ${i % 50}` })}\n`);
  await finished(lines.end());
  at.cli("import", file, "--entity", "Contact");
  await app.find("treeitem", "Contact");
  await app.click(["treeitem", "Contact"]);
  await app.find("button", "Materialize");

  // Batches this small keep it busy for longer than a look at it takes.
  const other = spawn(cliBinary, ["-w", at.url, "--json", "materialize", "Contact", "--batch-size", "50"], { env: app.home.env(), stdio: "ignore" });
  const ended = new Promise<number | null>((done) => other.once("exit", done));
  const refused = await begin(app, at.entity("Contact"));
  expect(refused).toMatchObject({ code: "busy" });
  expect(refused.message).toMatch(/\(in the command line\) is materializing Contact\. Wait until it has ended, or cancel it\.$/);
  await app.seeText(/Run by .*\(in the command line\)/);
  await app.screenshot("job-of-another-light");
  expect(await ended, "the other one is not disturbed").toBe(0);
  await app.find("button", "Bring back", { timeout: 60_000 });
});

test("a user who may only read: the window says why, and offers nothing that would change anything", async ({ launch, skip }) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const app = await launch();
  const at = await workspace(app, server);
  at.cli("entity", "create", "Order", "--field", "number:string");
  at.cli("record", "insert", "Order", JSON.stringify({ number: "A-1" }));
  const reader = `reader_${randomBytes(6).toString("hex")}`;
  psql(
    server,
    `CREATE ROLE ${reader} LOGIN PASSWORD 'read only'; GRANT USAGE ON SCHEMA ${at.schema} TO ${reader}; GRANT SELECT ON ALL TABLES IN SCHEMA ${at.schema} TO ${reader}`,
  );
  const connection = { ...at.connection, user: reader };
  await app.invoke("connect", { connection, password: "read only", remember: false, create: false });
  await app.driver.navigate().refresh();
  await app.find("note", /^Read-only: /);
  await openRecords(app, "Order");
  await app.seeText("A-1");
  for (const name of ["New entity", "New record", "Materialize", "Add field"]) {
    expect(await app.all("button", name), name).toEqual([]);
  }
  const grid = await gridOf(app, "Order");
  await app.click(await cell(app, grid, 1, "number"));
  await app.press(Key.ENTER);
  expect(await app.all("textbox", "number"), "no editor opens").toEqual([]);
  await app.hover(["note", /^Read-only: /]);
  await inBoth(app, "read-only");
});

/** Starts to materialize until somebody else is found at it. */
async function begin(app: App, entity: string): Promise<{ code: string; message: string }> {
  let refused = { code: "", message: "" };
  await app.waitFor(
    async () => {
      const jobs = await app.invoke<{ status: string }[]>("jobs");
      return jobs.some((job) => job.status === "running");
    },
    { what: "the other one to begin" },
  );
  try {
    await app.invoke("start_materialize", { entities: [entity], options: { on_invalid: "abort", batch_size: null } });
  } catch (error) {
    refused = JSON.parse(String(error).replace(/^.*?was refused: /, ""));
  }
  return refused;
}

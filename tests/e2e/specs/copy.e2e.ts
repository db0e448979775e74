// A whole workspace to another place: file to file, file to server, server to file.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import { type App, expect, Key, type Server, startServer, test } from "../harness/index.ts";
import { password, serverAddress } from "./remote.ts";
import { command, exported, inBoth, watchProgress } from "./steps.ts";

let server: Server | null;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.leave());

const COPY = "Copy the workspace";

test("the workspace is copied to another place, which then holds the same", async ({ launch }) => {
  const app = await launch();
  const path = app.home.path("shop.db");
  const cli = (file: string, ...args: string[]) => app.home.cli<{ name: string; records: number }[]>("-w", file, ...args);
  cli(path, "init");
  cli(path, "entity", "create", "Order", "--field", "number:string");
  for (let i = 1; i <= 3; i++) cli(path, "record", "insert", "Order", JSON.stringify({ number: `A-${i}` }));
  await app.openWorkspace(path);
  await app.find("treeitem", "Order");

  await begin(app, path);
  await app.find("alert", /.*/);
  await inBoth(app, "copy-refused");
  const copy = app.home.path("copy.db");
  await app.fill(["textbox", "To"], copy);
  await app.click(await app.find("button", "Copy", { within: await app.find("dialog", COPY) }));
  await app.seeText(/1 entity, 3 records and 0 links are at copy\.db/, 60_000);
  await inBoth(app, "copy-done");
  await app.click(["button", "Done"]);
  await app.gone("dialog", COPY);
  expect(cli(copy, "entity", "list").map((e) => [e.name, e.records])).toEqual([["Order", 3]]);
});

test("from a file to a server, stopped on the way and gone on with, and from there to a file again", async ({ launch, skip }) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const app = await launch();
  const path = app.home.path("people.db");
  fill(app, path);
  await app.openWorkspace(path);
  await app.find("treeitem", "Person");

  // To the server: the password apart from the address, and stopped in the middle.
  const schema = `window_${randomBytes(6).toString("hex")}`;
  const plain = `postgres://${server.user}@${server.host}:${server.port}/postgres?schema=${schema}&sslmode=require`;
  await begin(app, plain, server);
  await app.waitFor(async () => (await done(app)) > 0, { timeout: 60_000, what: "the first rows" });
  await inBoth(app, "copy-running");
  await app.click(["button", "Cancel"]);
  await app.seeText("Stopped. What has been copied stays there");
  await inBoth(app, "copy-stopped");
  const address = serverAddress(server, schema);
  expect(() => app.home.cli("-w", address, "entity", "list")).toThrow("unfinished_copy");

  // Gone on with, put away and fetched back; the password is still known.
  const sightings = await watchProgress(app);
  await app.click(["button", "Go on"]);
  await app.find("progressbar", COPY.replace("Copy", "Copying"));
  await app.press(Key.ESCAPE);
  await app.gone("dialog", COPY);
  await command(app, COPY);
  await app.seeText(/2 entities, 20,003 records and 2 links are at 127\.0\.0\.1/, 120_000);
  await app.seeText("What an earlier copy had begun was gone on with.");
  await inBoth(app, "copy-resumed");
  const steps = (await sightings()).filter((s) => s.total !== null && s.total > 0);
  expect(steps.length, "it shows how far it is").toBeGreaterThan(0);
  await app.click(["button", "Done"]);
  same(app, path, address);

  // From the server to a file.
  const parsed = await app.invoke<{ connection: unknown }>("parse_connection", { address: plain });
  await app.invoke("connect", { connection: parsed.connection, password: server.password, remember: false, create: false });
  await app.driver.navigate().refresh();
  await app.find("treeitem", "Person");
  await app.seeText(`schema ${schema}`);
  const back = app.home.path("back.db");
  await begin(app, back);
  await app.waitFor(async () => (await done(app)) > 0, { timeout: 60_000, what: "the first rows" });
  await app.click(["button", "Cancel"]);
  await app.seeText("Stopped. What has been copied stays there");
  await app.click(["button", "Go on"]);
  await app.seeText(/2 entities, 20,003 records and 2 links are at back\.db/, 120_000);
  await app.click(["button", "Done"]);
  same(app, path, back);
});

/** Opens the dialog from wherever the window is, says where to, and presses Copy. */
async function begin(app: App, to: string, at?: Server): Promise<void> {
  await command(app, COPY);
  const dialog = await app.find("dialog", COPY);
  await app.fill(["textbox", "To"], to);
  if (at) await password(app, at.password);
  await app.click(await app.find("button", "Copy", { within: dialog }));
}

/** Rows done, by the bar. */
async function done(app: App): Promise<number> {
  const bar = await app.find("progressbar", "Copying the workspace");
  return Number(await bar.getAttribute("aria-valuenow"));
}

/** Enough records for somebody to press Cancel, one entity in stone, and links. */
function fill(app: App, path: string): void {
  const cli = <T = { id: string }>(...args: string[]) => app.home.cli<T>("-w", path, ...args);
  cli("init");
  const file = app.home.path("people.ndjson");
  const line = (i: number) => JSON.stringify({ name: `Person ${i}`, born: `19${10 + (i % 90)}-01-31`, weight: `${i}.50` });
  writeFileSync(file, Array.from({ length: 20_000 }, (_, i) => line(i)).join("\n"));
  cli("entity", "create", "Person", "--field", "name:string", "--field", "born:date", "--field", "weight:decimal");
  cli("import", file, "--entity", "Person");
  cli("entity", "create", "Club", "--field", "name:string:unique");
  cli("relationship", "add", "Club", "members", "Person", "--type", "many_to_many");
  const [first, second] = cli<{ records: { id: string }[] }>("record", "list", "Person", "--limit", "2").records;
  for (const name of ["Chess", "Rowing", "Readers"]) {
    const club = cli("record", "insert", "Club", JSON.stringify({ name }));
    if (name === "Chess") cli("link", "add", "Club", club.id, "members", first?.id ?? "", second?.id ?? "");
  }
  cli("materialize", "Club");
}

/** Two places hold the same records, to the letter, in the same mode. */
function same(app: App, one: string, other: string): void {
  for (const entity of ["Person", "Club"]) expect(exported(app, other, entity), entity).toEqual(exported(app, one, entity));
  const modes = (place: string) =>
    app.home.cli<{ name: string; storage_mode: string }[]>("-w", place, "entity", "list").map((e) => [e.name, e.storage_mode]);
  expect(modes(other)).toEqual(modes(one));
}

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { type App, expect, type Name, type Server, startServer, test } from "../harness/index.ts";
import { password } from "./remote.ts";
import { inBoth, sketchEntity } from "./steps.ts";

let server: Server | null;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.leave());

test("a workspace on a server: the wrong password, then the right one, made, used, opened again", async ({ launch, skip }) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const app = await launch();
  const schema = `window_${randomBytes(6).toString("hex")}`;
  await app.click(["button", "Connect to Postgres"]);
  await app.find("form", "Connection");
  await inBoth(app, "connect-empty");
  await fill(app, server, schema);

  await app.fill(["textbox", "Host"], "nowhere.invalid");
  await tested(app, "nowhere.invalid", "connect-unknown-host");
  await app.fill(["textbox", "Host"], server.host);
  await app.fill(["textbox", "Port"], "1");
  await tested(app, /refuse|listen/i, "connect-refused");
  await app.fill(["textbox", "Port"], String(server.port));
  await password(app, "wrong");
  await tested(app, "refused this user or password", "connect-wrong-password");
  await password(app, server.password);
  await app.fill(["textbox", "Database"], "nothing_there");
  await tested(app, /nothing_there/, "connect-no-database");
  await app.fill(["textbox", "Database"], "postgres");
  await tested(app, "No workspace there yet", "connect-tested");
  await app.click(["button", "Connect"]);
  await app.find("button", "Make a workspace here");
  await inBoth(app, "connect-make");
  await app.click(["button", "Make a workspace here"]);
  await app.find("tab", "Diagram");
  await sketchEntity(app, "Customer", [["name", "string"]]);
  await app.find("treeitem", "Customer");

  // No keyring runs here: the password is asked for again, in the form, with everything else filled in.
  const location = (await app.invoke<{ location: string }>("current_workspace")).location;
  expect(location).not.toContain(encodeURIComponent(server.password));
  await app.restart();
  await app.click(["button", /^postgres|^window|^stoneware/i]);
  await app.seeText("asks for the password");
  await inBoth(app, "connect-asked-again");
  await password(app, server.password);
  await tested(app, "Holds a workspace", "connect-found");
  await app.click(["button", "Connect"]);
  await app.find("treeitem", "Customer");
});

test("two windows on one workspace see each other's edits", async ({ launch, skip }) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const schema = `window_${randomBytes(6).toString("hex")}`;
  const connection = {
    host: server.host,
    port: server.port,
    database: "postgres",
    schema,
    user: server.user,
    ssl_mode: "verify-full",
    ca_file: server.ca_file,
  };
  const args = { connection, password: server.password, remember: false, create: true };
  const [one, other] = [await launch(), await launch()];
  for (const app of [one, other]) {
    await app.invoke("connect", args);
    await app.driver.navigate().refresh();
    await app.find("tab", "Diagram");
  }
  await sketchEntity(one, "Order", [["number", "string"]]);
  await other.find("treeitem", "Order");
  await sketchEntity(other, "Customer", [["name", "string"]]);
  await one.find("treeitem", "Customer");
});

/** Presses Test and waits for its answer. */
async function tested(app: App, answer: Name, picture: string): Promise<void> {
  await app.click(["button", "Test"]);
  await app.seeText(answer);
  await app.find("button", "Test");
  await inBoth(app, picture);
}

async function fill(app: App, server: Server, schema: string): Promise<void> {
  await app.fill(["textbox", "Host"], server.host);
  await app.fill(["textbox", "Port"], String(server.port));
  await app.fill(["textbox", "Database"], "postgres");
  await app.fill(["textbox", "Schema"], schema);
  await app.fill(["textbox", "User"], server.user);
}

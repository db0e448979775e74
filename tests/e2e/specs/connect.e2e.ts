import { randomBytes } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { type App, expect, type Server, startServer, test } from "../harness/index.ts";
import { sketchEntity } from "./steps.ts";

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
  await fill(app, server, schema);

  await password(app, "wrong");
  await app.click(["button", "Connect"]);
  await app.seeText("refused this user or password");
  await app.screenshot("connect-wrong-password");
  await password(app, server.password);
  await app.click(["button", "Test"]);
  await app.seeText("No workspace there yet");
  await app.screenshot("connect-tested");
  await app.click(["button", "Connect"]);
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
  await app.screenshot("connect-asked-again");
  await password(app, server.password);
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

async function fill(app: App, server: Server, schema: string): Promise<void> {
  await app.fill(["textbox", "Host"], server.host);
  await app.fill(["textbox", "Port"], String(server.port));
  await app.fill(["textbox", "Database"], "postgres");
  await app.fill(["textbox", "Schema"], schema);
  await app.fill(["textbox", "User"], server.user);
}

/** A password's box has no role by which it could be found. */
async function password(app: App, text: string): Promise<void> {
  await app.driver.executeScript(`const box = document.querySelector('input[type="password"]'); box.focus(); box.select();`);
  await app.type(text);
}

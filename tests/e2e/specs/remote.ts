// Workspaces on a server.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { App, Server } from "../harness/index.ts";

/** A statement of the server's administrator. */
export function psql(server: Server, sql: string, database = "postgres"): string {
  const args = ["-h", server.host, "-p", String(server.port), "-U", server.user, "-d", database, "-v", "ON_ERROR_STOP=1", "-Atc", sql];
  const run = spawnSync("psql", args, { env: { ...process.env, PGPASSWORD: server.password }, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`psql: ${run.stderr || run.error?.message}`);
  return run.stdout.trim();
}

/** A schema's address, with the password: for the command line. */
export function serverAddress(server: Server, schema: string): string {
  return `postgres://${server.user}:${encodeURIComponent(server.password)}@${server.host}:${server.port}/postgres?schema=${schema}&sslmode=require`;
}

/** A new workspace on the server, open in the window, and how the command line reaches it. */
export async function workspace(app: App, server: Server, port = server.port) {
  const schema = `window_${randomBytes(6).toString("hex")}`;
  const connection = { host: server.host, port, database: "postgres", schema, user: server.user, ssl_mode: "require" };
  /** In this window, or in one that was opened anew and has forgotten the password. */
  const open = async () => {
    await app.invoke("connect", { connection, password: server.password, remember: false, create: true });
    await app.driver.navigate().refresh();
    await app.find("tab", "Diagram");
  };
  await open();
  const url = serverAddress(server, schema);
  const cli = <T = unknown>(...args: string[]) => app.home.cli<T>("-w", url, ...args);
  const entity = (name: string) => cli<{ id: string; name: string }[]>("entity", "list").find((e) => e.name === name)?.id ?? "";
  return { url, cli, entity, schema, connection, open };
}

/** A password's box has no role by which it could be found. */
export async function password(app: App, text: string): Promise<void> {
  await app.driver.executeScript(`const box = document.querySelector('input[type="password"]'); box.focus(); box.select();`);
  await app.type(text);
}

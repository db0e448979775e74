import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { binaries } from "./home.ts";

/** A Postgres server with TLS, and how to reach it. */
export interface Server {
  host: string;
  port: number;
  user: string;
  password: string;
  ca_file: string;
  /** Lets it go: it ends when nobody is at it any more. */
  leave: () => void;
}

/** The tests' server, the one the Rust tests use too; null where Postgres is not installed. */
export async function startServer(): Promise<Server | null> {
  const program = join(binaries, "stoneware-test-server");
  if (!existsSync(program)) throw new Error(`${program} is not built: run make test-rust first.`);
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("\n")) resolve(text);
    });
    child.once("exit", () => resolve(""));
  });
  if (!line) return null;
  return { ...JSON.parse(line), leave: () => void child.stdin.end() };
}

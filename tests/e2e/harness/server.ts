import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
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

/** A server of one test alone. */
export interface PrivateServer extends Server {
  /** At once, as if its power had gone: no connection is ended in good order. */
  stop: () => Promise<void>;
  /** Brings it up again, at the same port. */
  start: () => Promise<void>;
}

/** The tests' server, the one the Rust tests use too; null where Postgres is not installed. */
export async function startServer(): Promise<Server | null> {
  const { process, line } = run([]);
  const first = await line();
  if (first === null) return null;
  return { ...JSON.parse(first), leave: () => void process.stdin?.end() };
}

/** A server that may be stopped, as nobody else is at it; null where Postgres is not installed. */
export async function startPrivateServer(): Promise<PrivateServer | null> {
  const { process, line } = run(["--private"]);
  const first = await line();
  if (first === null) return null;
  const ask = async (what: string) => {
    process.stdin?.write(`${what}\n`);
    if ((await line()) !== "done") throw new Error(`The server did not ${what}.`);
  };
  const [stop, start] = [() => ask("stop"), () => ask("start")];
  return { ...JSON.parse(first), stop, start, leave: () => void process.stdin?.end() };
}

/** Starts the program that brings servers up; `line` is its next line, or null once it has ended. */
function run(args: string[]): { process: ChildProcess; line: () => Promise<string | null> } {
  const program = join(binaries, "stoneware-test-server");
  if (!existsSync(program)) throw new Error(`${program} is not built: run make test-rust first.`);
  const process = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  return { process, line: async () => (await lines.next()).value ?? null };
}

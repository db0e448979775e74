import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A process started by a test, and the end of what it said, for when it fails. */
export interface Child {
  process: ChildProcess;
  output: () => string;
}

/** Starts a program as the leader of a group of its own, so that `stop` reaches its children too. */
export function start(program: string, args: string[], env: NodeJS.ProcessEnv, extraPipe = false): Child {
  const child = spawn(program, args, {
    env,
    detached: true,
    stdio: extraPipe ? ["ignore", "pipe", "pipe", "pipe"] : ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-8000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  child.on("error", (error) => keep(Buffer.from(`${program}: ${error.message}`)));
  return { process: child, output: () => output };
}

/** Ends a child's whole group, at first politely, and returns when the child is gone. */
export async function stop(child: Child): Promise<void> {
  const { process: leader } = child;
  const { pid } = leader;
  if (pid === undefined) return;
  const gone = new Promise<void>((resolve) => {
    if (leader.exitCode !== null || leader.signalCode !== null) resolve();
    else leader.once("exit", () => resolve());
  });
  signalGroup(pid, "SIGTERM");
  const late = pause(3000, "late", { ref: false });
  if ((await Promise.race([gone, late])) === "late") signalGroup(pid, "SIGKILL");
  await gone;
  signalGroup(pid, "SIGKILL");
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/** Starts a virtual screen on a display number it finds free itself; resolves with ":N". */
export async function startScreen(size: string): Promise<{ child: Child; display: string }> {
  const args = ["-displayfd", "3", "-screen", "0", `${size}x24`, "-nolisten", "tcp", "-noreset"];
  const child = start("Xvfb", args, process.env, true);
  const pipe = child.process.stdio[3];
  const display = await new Promise<string>((resolve, reject) => {
    let text = "";
    pipe?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("\n")) resolve(`:${text.trim()}`);
    });
    child.process.once("exit", () => reject(new Error(`Xvfb did not start: ${child.output()}`)));
    child.process.once("error", () => reject(new Error("Xvfb is missing: install the package xvfb")));
  });
  return { child, display };
}

/** Starts the WebKit driver on a free port and waits until it answers. */
export async function startDriver(env: NodeJS.ProcessEnv): Promise<{ child: Child; url: string }> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = start("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], env);
    if (await answers(`${url}/status`, child)) return { child, url };
    await stop(child);
    if (child.output().includes("ENOENT")) {
      throw new Error("WebKitWebDriver is missing: install the package webkit2gtk-driver");
    }
  }
  throw new Error("WebKitWebDriver found no port to listen on");
}

async function answers(url: string, child: Child): Promise<boolean> {
  const until = Date.now() + 10_000;
  while (Date.now() < until && child.process.exitCode === null && child.process.pid !== undefined) {
    try {
      if ((await fetch(url)).ok) return true;
    } catch {
      await pause(50);
    }
  }
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const repository = resolve(import.meta.dirname, "../../..");
export const binaries = join(process.env.CARGO_TARGET_DIR ?? join(repository, "target"), "debug");

/** The built window; `make test` builds it first. */
export const desktopBinary = process.env.STONEWARE_DESKTOP ?? join(binaries, "stoneware-desktop");
/** The built command line. */
export const cliBinary = process.env.STONEWARE_CLI ?? join(binaries, "stoneware");

/** A person's files, made for one test and thrown away after it. */
export class Home {
  readonly folder = mkdtempSync(join(tmpdir(), "stoneware-e2e-"));

  constructor() {
    for (const part of ["config", "data", "cache", "run"]) mkdirSync(this.path(part), { mode: 0o700 });
    // Someone who has asked their desktop for less motion: nothing moves on under a pointer that has been aimed.
    mkdirSync(this.path("config", "gtk-3.0"));
    writeFileSync(this.path("config", "gtk-3.0", "settings.ini"), "[Settings]\ngtk-enable-animations=0\n");
  }

  /** A path inside this home. */
  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** What a program needs to keep its files here and nowhere else. */
  env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HOME: this.folder,
      XDG_CONFIG_HOME: this.path("config"),
      XDG_DATA_HOME: this.path("data"),
      XDG_CACHE_HOME: this.path("cache"),
      XDG_RUNTIME_DIR: this.path("run"),
      STONEWARE_WORKSPACE: undefined,
    };
  }

  /** Runs the command line and returns its JSON document, or the lines of its stream. Throws with its error. */
  cli<T = unknown>(...args: string[]): T {
    if (!existsSync(cliBinary)) throw new Error(`${cliBinary} is not built: run make build`);
    const run = spawnSync(cliBinary, ["--json", ...args], { env: this.env(), encoding: "utf8", maxBuffer: 1 << 28 });
    if (run.status !== 0) throw new Error(`stoneware ${args.join(" ")}: ${run.stderr || run.error?.message}`);
    const text = run.stdout.trim();
    if (text === "") return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch {
      return text.split("\n").map((line) => JSON.parse(line)) as T;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

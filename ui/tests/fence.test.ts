// Who may import whom, read from the files themselves.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = join(__dirname, "../src");
const LAYERS = ["shared", "platform", "api", "actions", "features", "app"];

function sources(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map((m) => m[1] as string);
}

const files = sources(SRC).map((path) => ({ path, name: relative(SRC, path).replaceAll("\\", "/") }));

/** `features/diagram/x.ts` → { layer: "features", part: "diagram" }. */
function place(name: string) {
  const [layer = "", part = ""] = name.split("/");
  return { layer, part: layer === "features" ? part : "" };
}

describe("the fence", () => {
  it("has sources to look at", () => expect(files.length).toBeGreaterThan(10));

  it("lets a layer import only itself and the ones before it, and no feature another", () => {
    const broken: string[] = [];
    for (const { path, name } of files) {
      const from = place(name);
      expect(LAYERS, `unknown layer of ${name}`).toContain(from.layer);
      for (const spec of importsOf(path).filter((s) => s.startsWith("."))) {
        const to = place(relative(SRC, normalize(join(dirname(path), spec))).replaceAll("\\", "/"));
        const tooHigh = LAYERS.indexOf(to.layer) > LAYERS.indexOf(from.layer);
        const sideways = from.layer === "features" && to.layer === "features" && from.part !== to.part;
        if (tooHigh || sideways) broken.push(`${name} imports ${spec}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("keeps @tauri-apps in platform/tauri.ts", () => {
    const outside = files
      .filter(({ path }) => importsOf(path).some((s) => s.startsWith("@tauri-apps")))
      .map(({ name }) => name);
    expect(outside).toEqual(["platform/tauri.ts"]);
  });

  it("keeps a file under 400 lines", () => {
    const long = files
      .filter(({ name }) => name !== "api/bindings.ts")
      .filter(({ path }) => readFileSync(path, "utf8").split("\n").length > 400);
    expect(long.map(({ name }) => name)).toEqual([]);
  });
});

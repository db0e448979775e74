import { defineConfig } from "vitest/config";

// Every test starts a window of its own with its own display, driver and home, so files may run side by side;
// one at a time is the default because a window, its web process and Xvfb already fill a small machine.
export default defineConfig({
  test: {
    include: ["specs/**/*.e2e.ts"],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: process.env.E2E_PARALLEL === "1",
    reporters: ["verbose"],
  },
});

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The window is WebKitGTK on Linux, so the target is Safari's engine; fonts and workers stay local files.
export default defineConfig({
  plugins: [react()],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: { target: "safari16", outDir: "dist", emptyOutDir: true, chunkSizeWarningLimit: 2000 },
  worker: { format: "es" },
  test: {
    environment: "jsdom",
    setupFiles: ["tests/setup.ts"],
    include: ["tests/**/*.test.{ts,tsx}", "src/**/*.test.{ts,tsx}"],
    css: false,
    testTimeout: 60_000,
  },
});

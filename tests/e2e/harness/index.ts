import { test as base } from "vitest";
import { App, type LaunchOptions } from "./app.ts";

export { Key } from "selenium-webdriver";
export { expect } from "vitest";
export { App, type LaunchOptions } from "./app.ts";
export { Home, repository } from "./home.ts";
export { Line } from "./line.ts";
export { type PrivateServer, type Server, startPrivateServer, startServer } from "./server.ts";
export type { Name, Page, Target } from "./page.ts";

/** A test with `launch`: opens windows that are closed after it, with a picture of each when the test fails. */
export const test = base.extend<{ launch: (options?: LaunchOptions) => Promise<App> }>({
  launch: async ({ task }, use) => {
    const open: App[] = [];
    await use(async (options) => {
      const app = await App.launch(options);
      open.push(app);
      return app;
    });
    for (const app of open) {
      if (task.result?.state === "fail" || task.result?.errors?.length) {
        await app.screenshot(`failed-${task.name}`).catch(() => undefined);
        console.error(app.output());
      }
      await app.close();
    }
  },
});

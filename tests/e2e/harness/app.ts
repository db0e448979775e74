import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Builder, Capabilities, type WebDriver } from "selenium-webdriver";
import { desktopBinary, Home, repository } from "./home.ts";
import { Page } from "./page.ts";
import { type Child, startDriver, startScreen, stop } from "./processes.ts";

export interface LaunchOptions {
  /** The workspace named on the window's command line. */
  workspace?: string;
  /** Files to start from; a new empty home otherwise. */
  home?: Home;
  /** The virtual screen, "1600x1000" unless told. */
  screen?: string;
}

/** The real window on a screen, in a home and under a driver of its own. */
export class App extends Page {
  readonly home: Home;
  private readonly screen: Child;
  private readonly webdriver: Child;
  private readonly url: string;

  private constructor(driver: WebDriver, home: Home, screen: Child, webdriver: Child, url: string) {
    super(driver);
    this.home = home;
    this.screen = screen;
    this.webdriver = webdriver;
    this.url = url;
  }

  static async launch(options: LaunchOptions = {}): Promise<App> {
    const home = options.home ?? new Home();
    const { child: screen, display } = await startScreen(options.screen ?? "1600x1000");
    const env: NodeJS.ProcessEnv = {
      ...home.env(),
      DISPLAY: display,
      WAYLAND_DISPLAY: undefined,
      GDK_BACKEND: "x11",
      LANG: "C.UTF-8",
      LIBGL_ALWAYS_SOFTWARE: "1",
      NO_AT_BRIDGE: "1",
      TAURI_AUTOMATION: "true",
      TAURI_WEBVIEW_AUTOMATION: "true",
    };
    let webdriver: Child | undefined;
    try {
      const started = await startDriver(env);
      webdriver = started.child;
      const driver = await openSession(started.url, options.workspace);
      return new App(driver, home, screen, webdriver, started.url);
    } catch (error) {
      const said = webdriver?.output() ?? "";
      if (webdriver) await stop(webdriver);
      await stop(screen);
      if (!options.home) home.remove();
      throw new Error(`The window did not start: ${error instanceof Error ? error.message : error}\n${said}`);
    }
  }

  /** What the window and its driver wrote to their terminal lately. */
  output(): string {
    return this.webdriver.output();
  }

  /** Closes the window and opens it again in the same home. */
  async restart(workspace?: string): Promise<void> {
    await this.driver.quit();
    this.driver = await openSession(this.url, workspace);
  }

  /** Calls a command of the shell past the interface, to prepare what a test is not about. */
  async invoke<T = unknown>(command: string, args: Record<string, unknown> = {}): Promise<T> {
    const answer = await this.driver.executeAsyncScript<{ value?: T; refusal?: unknown }>(
      `const [command, args, done] = arguments;
       window.__TAURI_INTERNALS__.invoke(command, args).then((value) => done({ value }), (refusal) => done({ refusal }));`,
      command,
      args,
    );
    if (answer.refusal !== undefined) throw new Error(`${command} was refused: ${JSON.stringify(answer.refusal)}`);
    return answer.value as T;
  }

  /** Opens a workspace file as if it had been chosen in the dialog, and shows the page anew. */
  async openWorkspace(path: string): Promise<void> {
    await this.invoke("open_workspace", { location: path });
    await this.driver.navigate().refresh();
  }

  /** The next file dialog answers with this path instead of showing: the system draws it, so no driver reaches it. */
  async answerFileDialog(path: string): Promise<void> {
    await this.driver.executeScript(
      `const [path] = arguments, fetch = window.fetch;
       window.fetch = (address, options) => {
         if (!decodeURIComponent(String(address)).includes("plugin:dialog|")) return fetch(address, options);
         window.fetch = fetch;
         const headers = { "Tauri-Response": "ok", "Content-Type": "application/json" };
         return Promise.resolve(new Response(JSON.stringify(path), { headers }));
       };`,
      path,
    );
  }

  /** Writes a picture of the window to tests/e2e/screenshots (or $SCREENSHOTS) and returns its path. */
  async screenshot(name: string): Promise<string> {
    const folder = process.env.SCREENSHOTS ?? join(repository, "tests/e2e/screenshots");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${name.replace(/[^\w.-]+/g, "-")}.png`);
    // What the page says is painted a moment later: the second frame from now shows it.
    await this.driver.executeAsyncScript(
      "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done()));",
    );
    writeFileSync(file, Buffer.from(await this.driver.takeScreenshot(), "base64"));
    return file;
  }

  /** Ends everything this window started. The home stays when `keepHome` says so. */
  async close({ keepHome = false } = {}): Promise<void> {
    await this.driver.quit().catch(() => undefined);
    await stop(this.webdriver);
    await stop(this.screen);
    if (!keepHome) this.home.remove();
  }
}

async function openSession(url: string, workspace: string | undefined): Promise<WebDriver> {
  const capabilities = new Capabilities();
  capabilities.setBrowserName("wry");
  capabilities.set("webkitgtk:browserOptions", { binary: desktopBinary, args: workspace ? [workspace] : [] });
  const driver = await new Builder().disableEnvironmentOverrides().usingServer(url).withCapabilities(capabilities).build();
  // A session promise resolves only when the window's page answers.
  await driver.getSession();
  await driver.manage().setTimeouts({ script: 60_000, implicit: 0 });
  return driver;
}

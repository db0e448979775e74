import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Button, Key, Origin, type WebDriver, WebElement } from "selenium-webdriver";

/** The same role and name rules as the interface's own unit tests, put into the window once per page. */
const queries = readFileSync(
  createRequire(import.meta.url).resolve("@testing-library/dom/dist/@testing-library/dom.umd.min.js"),
  "utf8",
);

/** An accessible name: the whole text, or a pattern found in it. */
export type Name = string | RegExp;
/** An element, or the role and name to find it by. */
export type Target = WebElement | [role: string, name: Name];

export interface FindOptions {
  /** Looks only inside this element. */
  within?: WebElement;
  /** Milliseconds; 15 seconds unless told. */
  timeout?: number;
}

const PATIENCE = 15_000;
const POLL = 60;

/** What a person can do in the window, by what a screen reader would call things. Never sleeps: it looks until it sees. */
export class Page {
  driver: WebDriver;

  constructor(driver: WebDriver) {
    this.driver = driver;
  }

  /** All shown elements of a role, those with a name when one is given; none is no error. */
  async all(role: string, name?: Name, within?: WebElement): Promise<WebElement[]> {
    return this.query("return found", role, name, within);
  }

  /** The one element of a role and name; waits for it, and says what is there instead when it does not come. */
  async find(role: string, name: Name, { within, timeout = PATIENCE }: FindOptions = {}): Promise<WebElement> {
    let found: WebElement[] = [];
    try {
      await this.waitFor(async () => {
        found = await this.all(role, name, within);
        return found.length === 1;
      }, { timeout });
    } catch {
      const what = `${role} "${name}"`;
      if (found.length > 1) throw new Error(`${found.length} elements are ${what}; name one`);
      throw new Error(`No ${what}. Of that role: ${(await this.names(role)).join(" | ") || "nothing"}`);
    }
    return found[0] as WebElement;
  }

  /** Waits until nothing of that role and name is shown. */
  async gone(role: string, name: Name, timeout = PATIENCE): Promise<void> {
    await this.waitFor(async () => (await this.all(role, name)).length === 0, { timeout, what: `${role} "${name}" to go` });
  }

  /** What all shown elements of a role are called: their label, or the beginning of their text. */
  async names(role: string, within?: WebElement): Promise<string[]> {
    const name = `return found.map((e) => e.getAttribute("aria-label") || e.textContent.trim().slice(0, 80))`;
    return this.query(name, role, undefined, within);
  }

  async click(target: Target): Promise<void> {
    await this.pointer(target, (actions, origin) => actions.move({ origin }).click());
  }

  async doubleClick(target: Target): Promise<void> {
    await this.pointer(target, (actions, origin) => actions.doubleClick(origin));
  }

  async contextClick(target: Target): Promise<void> {
    await this.pointer(target, (actions, origin) => actions.move({ origin }).press(Button.RIGHT).release(Button.RIGHT));
  }

  /** Puts the pointer on something without pressing. */
  async hover(target: Target): Promise<void> {
    await this.pointer(target, (actions, origin) => actions.move({ origin }));
  }

  /** Replaces what stands in a field. */
  async fill(target: Target, text: string): Promise<void> {
    const element = await this.resolve(target);
    await this.click(element);
    await this.press(Key.CONTROL, "a");
    await this.press(Key.BACK_SPACE);
    await element.sendKeys(text);
  }

  /** Types at the focus. */
  async type(text: string): Promise<void> {
    await this.driver.actions().sendKeys(text).perform();
  }

  /** One key, or a chord: `press(Key.CONTROL, "k")`. */
  async press(...keys: string[]): Promise<void> {
    let actions = this.driver.actions();
    for (const key of keys) actions = actions.keyDown(key);
    for (const key of [...keys].reverse()) actions = actions.keyUp(key);
    await actions.perform();
  }

  /** Drags in small steps, as a hand does, from the middle of one thing to another or by a distance in pixels. */
  async drag(from: Target, to: Target | { dx: number; dy: number }): Promise<void> {
    const start = await this.middle(from);
    const end = "dx" in to ? { x: start.x + to.dx, y: start.y + to.dy } : await this.middle(to);
    let actions = this.driver.actions({ async: true }).move({ ...start, origin: Origin.VIEWPORT }).press();
    const steps = 12;
    for (let step = 1; step <= steps; step++) {
      const x = Math.round(start.x + ((end.x - start.x) * step) / steps);
      const y = Math.round(start.y + ((end.y - start.y) * step) / steps);
      actions = actions.move({ x, y, duration: 16, origin: Origin.VIEWPORT });
    }
    await actions.release().perform();
  }

  /** Polls until the check holds. A check that throws counts as "not yet". */
  async waitFor(check: () => Promise<boolean>, { timeout = PATIENCE, what = "a condition" } = {}): Promise<void> {
    const until = Date.now() + timeout;
    let last: unknown;
    for (;;) {
      try {
        if (await check()) return;
        last = undefined;
      } catch (error) {
        last = error;
      }
      if (Date.now() > until) {
        throw new Error(`Waited ${timeout} ms for ${what}${last instanceof Error ? `: ${last.message}` : ""}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  /** The window's whole visible text. */
  async text(): Promise<string> {
    return this.driver.executeScript<string>("return document.body.innerText");
  }

  /** Waits until a text stands somewhere in the window. */
  async seeText(text: Name, timeout = PATIENCE): Promise<void> {
    await this.waitFor(
      async () => {
        const shown = await this.text();
        return typeof text === "string" ? shown.includes(text) : text.test(shown);
      },
      { timeout, what: `the text "${text}"` },
    );
  }

  private async query<T>(then: string, role: string, name: Name | undefined, within: WebElement | undefined): Promise<T> {
    const ready = await this.driver.executeScript<boolean>("return typeof TestingLibraryDom === 'object'");
    if (!ready) await this.driver.executeScript(queries);
    const wanted = name instanceof RegExp ? { pattern: name.source, flags: name.flags } : (name ?? null);
    return this.driver.executeScript<T>(
      `const [role, wanted, root] = arguments;
       const name = wanted && wanted.pattern !== undefined ? new RegExp(wanted.pattern, wanted.flags) : wanted ?? undefined;
       const found = TestingLibraryDom.queryAllByRole(root ?? document.body, role, { name });
       ${then}`,
      role,
      wanted,
      within ?? null,
    );
  }

  private async resolve(target: Target): Promise<WebElement> {
    return target instanceof WebElement ? target : this.find(target[0], target[1]);
  }

  /** Does a pointer action on a target, and once more when the page replaced the element in between. */
  private async pointer(
    target: Target,
    act: (actions: ReturnType<WebDriver["actions"]>, origin: WebElement) => ReturnType<WebDriver["actions"]>,
  ): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const element = await this.resolve(target);
      try {
        await this.driver.executeScript(`arguments[0].scrollIntoView({ block: "nearest", inline: "nearest" })`, element);
        await act(this.driver.actions(), element).perform();
        return;
      } catch (error) {
        const stale = error instanceof Error && error.name === "StaleElementReferenceError";
        if (!stale || target instanceof WebElement || attempt === 3) throw error;
      }
    }
  }

  private async middle(target: Target): Promise<{ x: number; y: number }> {
    const element = await this.resolve(target);
    const box = await this.driver.executeScript<{ x: number; y: number }>(
      `const box = arguments[0].getBoundingClientRect();
       return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };`,
      element,
    );
    return box;
  }
}

import { type App, expect, test } from "../harness/index.ts";
import { gridOf, gridRows, openRecords, openSample } from "./steps.ts";

test("a newcomer sees a real diagram and real records at once, and finds the sample again at the next start", async ({
  launch,
}) => {
  const app = await launch();
  await openSample(app);

  await app.waitFor(async () => (await app.all("treeitem")).length >= 13, { what: "13 entities in the tree" });
  const entities = app.home.cli<{ label: string; name: string; records: number }[]>("-w", app.home.path("data/app.stoneware.desktop/Roastery.db"), "entity", "list");
  expect(entities, "the sample is one business of 13 entities").toHaveLength(13);

  // Every entity is a card of the diagram, the whole picture in sight.
  await app.waitFor(async () => (await cards(app)).length === 13, { what: "13 cards on the diagram" });
  expect((await cards(app)).sort()).toEqual(entities.map((e) => e.label || e.name).sort());
  await app.seeText("13 entities");

  // The records are believable and many.
  const biggest = entities.reduce((a, b) => (a.records > b.records ? a : b));
  expect(biggest.records).toBeGreaterThan(1000);
  await openRecords(app, biggest.label || biggest.name);
  const grid = await gridOf(app, biggest.label || biggest.name);
  await app.waitFor(async () => (await gridRows(app, grid)).length > 15, { what: "a screenful of records" });
  const [first] = await gridRows(app, grid);
  expect(Object.values(first ?? {}).filter((text) => text !== "").length, "the first record is filled in").toBeGreaterThan(2);
  await app.seeText(`${biggest.records.toLocaleString("en-US")} records`);

  await app.restart();
  await app.find("region", "Recent workspaces");
  const [recent] = await app.all("button", /roastery|sample/i, await app.find("region", "Recent workspaces"));
  expect(recent, "the sample is listed").toBeDefined();
  if (recent) await app.click(recent);
  await app.find("tree", "Entities");
  // The view comes back too: the tab and the entity that were open.
  await app.find("grid", `Records of ${biggest.label || biggest.name}`);
});

/** What the cards of the diagram are called. */
async function cards(app: App): Promise<string[]> {
  return (await app.names("group")).flatMap((name) => /^Entity (.*), [\d,]+ records?, (shared|dedicated)$/.exec(name)?.[1] ?? []);
}

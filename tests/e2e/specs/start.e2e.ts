import { expect, test } from "../harness/index.ts";

test("the window opens and shows the interface", async ({ launch }) => {
  const app = await launch();
  expect(await app.driver.getTitle(), "the page has the product's name").toContain("Stoneware");
  await app.screenshot("start");
});

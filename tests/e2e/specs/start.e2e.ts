import { expect, test } from "../harness/index.ts";

test("the first start offers the sample, a new workspace and those made before", async ({ launch }) => {
  const app = await launch();
  expect(await app.driver.getTitle(), "the page has the product's name").toContain("Stoneware");
  await app.find("button", /Open the sample workspace/);
  await app.find("button", /New workspace/);
  await app.find("button", /Open file/);
  await app.screenshot("start");
});

test("a new workspace opens empty, is listed at the next start and opens again", async ({ launch }) => {
  const app = await launch();
  const path = app.home.path("pottery.db");
  await app.answerFileDialog(path);
  await app.click(["button", /New workspace/]);
  await app.find("tab", "Diagram");
  await app.seeText("pottery");
  await app.restart();
  await app.click(["button", /^pottery/]);
  await app.find("tab", "Diagram");
});

test("a workspace named on the command line opens at once", async ({ launch }) => {
  const app = await launch();
  const path = app.home.path("named.db");
  await app.invoke("create_workspace", { path });
  await app.restart(path);
  await app.find("tab", "Diagram");
  await app.seeText("named");
});

test("a file that is no workspace is refused with what to do", async ({ launch }) => {
  const app = await launch();
  await app.restart("/etc/hostname");
  await app.find("alert", /.*/);
  await app.screenshot("not-a-workspace");
});

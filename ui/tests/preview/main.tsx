// The window in a plain browser, on the stand-in: `npm run dev`, then /tests/preview/?theme=dark&state=sample.
// Never part of the product; for looking at states that are hard to reach.
import { fakeEntity, installFake } from "../fake/engine";
import { music } from "../fake/music";
import { roastery } from "../fake/roastery";

const wanted = new URLSearchParams(location.search);
localStorage.setItem(
  "stoneware.prefs",
  JSON.stringify({
    state: {
      theme: wanted.get("theme") ?? "dark",
      leftWidth: 232,
      rightWidth: 320,
      leftOpen: true,
      rightOpen: true,
    },
    version: 0,
  }),
);
const albums = wanted.get("albums");
const state = albums === null ? roastery() : music(Number(albums));
state.open = wanted.get("state") !== "start";
state.problems = Number(wanted.get("problems") ?? 0);
state.picked = wanted.get("picked");
const many = Number(wanted.get("many") ?? 0);
for (let i = 0; i < many; i++) {
  const made = fakeEntity(
    { name: `entity_${i}`, label: `Entity ${i}`, application: `Application ${i % 24}` },
    [],
  );
  state.entities.push(made);
  state.counts[made.id] = (i * 7919) % 250_000;
}
Object.assign(window, { fake: installFake(state) });
await import("../../src/app/main");

// Records of every type, for the grid's tests and previews: albums of artists, with tags.
import { type FakeRecord, type FakeState, fakeEntity, fakeRelationship, newId } from "./engine";
import { roastery } from "./roastery";

const WORDS = [
  "Blue",
  "Night",
  "Train",
  "Kind",
  "Time",
  "Out",
  "Giant",
  "Steps",
  "Moon",
  "River",
  "Sketches",
  "Field",
];

export function music(albums = 347): FakeState {
  const artist = fakeEntity({ name: "Artist", application: "Music" }, [
    { name: "name", type: "string", required: true, unique: true },
    { name: "country", type: "string" },
  ]);
  const tag = fakeEntity({ name: "Tag", application: "Music" }, [{ name: "name", type: "string" }]);
  const album = fakeEntity(
    { name: "Album", application: "Music" },
    [
      { name: "title", type: "string", required: true },
      { name: "catalogue_number", type: "integer", unique: true },
      { name: "price", type: "currency", config: { currency: "EUR", precision: 12, scale: 2 } },
      { name: "status", type: "select", config: { options: ["planned", "recorded", "released"] } },
      { name: "live", type: "bool" },
      { name: "released", type: "date" },
      { name: "mastered_at", type: "datetime" },
      { name: "share", type: "percentage" },
      { name: "genres", type: "multiselect", config: { options: ["jazz", "blues", "rock", "folk"] } },
      { name: "notes", type: "text" },
      { name: "press_contact", type: "email" },
      { name: "credits", type: "json" },
      { name: "cover", type: "image" },
      { name: "fingerprint", type: "binary" },
      { name: "barcode", type: "uuid", read_only: true },
    ],
    "dedicated",
  );
  album.plural_label = "albums";
  const by = fakeRelationship({
    name: "artist",
    type: "many_to_one",
    source: album.id,
    target: artist.id,
    inverse_name: "albums",
  });
  const tags = fakeRelationship(
    { name: "tags", type: "many_to_many", source: album.id, target: tag.id, inverse_name: "albums" },
    1,
  );
  const artists: FakeRecord[] = Array.from({ length: 40 }, (_, i) => ({
    id: newId(),
    version: 1,
    data: {
      name: `${WORDS[i % 12]} ${WORDS[(i * 5 + 3) % 12]} Quartet ${i}`,
      country: i % 3 ? "France" : null,
    },
  }));
  const tagRows: FakeRecord[] = ["reissue", "vinyl", "live set", "mono"].map((name) => ({
    id: newId(),
    version: 1,
    data: { name },
  }));
  const rows: FakeRecord[] = Array.from({ length: albums }, (_, i) => albumRow(i, artists));
  const state = roastery();
  return {
    ...state,
    entities: [album, artist, tag, ...state.entities],
    relationships: [by, tags, ...state.relationships],
    records: { ...state.records, [album.id]: rows, [artist.id]: artists, [tag.id]: tagRows },
    counts: { ...state.counts, [album.id]: albums, [artist.id]: 40, [tag.id]: 4 },
    links: {
      [tags.id]: rows
        .slice(0, 400)
        .flatMap((row, i) =>
          tagRows
            .filter((_, t) => (i + t) % 3 === 0)
            .map((t) => ({ source: row.id, target: t.id, metadata: i === 0 ? { since: 2024 } : null })),
        ),
    },
  };
}

function albumRow(i: number, artists: FakeRecord[]): FakeRecord {
  const day = `${1950 + (i % 70)}-${String(1 + (i % 12)).padStart(2, "0")}-${String(1 + (i % 28)).padStart(2, "0")}`;
  const odd = i === 4;
  return {
    id: newId(),
    version: 1,
    data: {
      title:
        i === 2
          ? ""
          : `${WORDS[i % 12]} ${WORDS[(i * 7 + 1) % 12]}${i % 9 === 0 ? `, ${"a very long name ".repeat(6)}` : ""}`,
      catalogue_number: i % 11 === 5 ? null : String(9007199254740993n + BigInt(i)),
      price: odd ? "n/a" : i % 13 === 6 ? null : `${1000 + i * 3}.50`,
      status: ["planned", "recorded", "released"][i % 3] as string,
      live: i % 5 === 0 ? null : i % 2 === 0,
      released: day,
      mastered_at: i % 4 === 3 ? null : `${day}T12:${String(i % 60).padStart(2, "0")}:00Z`,
      share: i % 3 === 1 ? null : `${i % 100}.5`,
      genres: i % 3 === 0 ? ["jazz", "blues"] : i % 3 === 1 ? ["rock"] : null,
      notes: i % 2 ? "Recorded in two days.\nMixed later." : null,
      press_contact: i % 6 ? null : `press${i}@example.org`,
      credits: i % 4 ? null : { bass: "unknown", takes: [1, 2, i] },
      cover: i % 3 ? null : { name: `cover-${i}.png` },
      fingerprint: i % 5 ? null : "00ff10ab".repeat(1 + (i % 6)),
      barcode: i % 7 ? null : `0192f0c1-7d2e-7abc-8def-${String(i).padStart(12, "0")}`,
      artist_id: i % 8 === 7 ? null : (artists[i % artists.length]?.id ?? null),
    },
    problems: odd ? { price: "is not a number" } : undefined,
  };
}

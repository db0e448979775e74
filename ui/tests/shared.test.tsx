import { render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import {
  ErrorNotice,
  formatClock,
  formatCount,
  formatDuration,
  formatNumber,
  formatWhen,
  keyNames,
  nextStep,
  ProgressBar,
  placeName,
  plural,
  SqlBlock,
  toAppError,
} from "../src/shared";
import { sqlColours } from "../src/shared/sqlColours";

describe("formats", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1204, "1.2k"],
    [12_480, "12.4k"],
    [99_999, "99.9k"],
    [190_244, "190k"],
    [999_999, "999k"],
    [1_000_000, "1M"],
    [2_450_000, "2.4M"],
  ])("counts %i as %s, never more than there is", (n, text) => expect(formatCount(n)).toBe(text));

  it("separates thousands and keeps 64-bit integers", () => {
    expect(formatNumber(48112)).toBe("48,112");
    expect(formatNumber(9223372036854775807n)).toBe("9,223,372,036,854,775,807");
    expect(plural(1, "record")).toBe("1 record");
    expect(plural(48112, "record")).toBe("48,112 records");
    expect(plural(2, "entity", "entities")).toBe("2 entities");
  });

  it("writes times", () => {
    expect([0, 2.1, 75, 3700].map(formatClock)).toEqual(["0:00", "0:03", "1:15", "1:01:40"]);
    expect([0.42, 12.3, 60, 75].map(formatDuration)).toEqual(["0.4 s", "12 s", "1 min", "1 min 15 s"]);
    const now = Date.parse("2026-01-02T12:00:00Z");
    expect(formatWhen("2026-01-02T11:59:50Z", now)).toBe("just now");
    expect(formatWhen("2026-01-02T11:50:00Z", now)).toBe("10 minutes ago");
    expect(formatWhen("2026-01-01T12:00:00Z", now)).toBe("yesterday");
  });

  it("says where a workspace is", () => {
    expect(placeName("/home/someone/roastery.db")).toBe("roastery.db");
    const server = "postgres://stoneware@db.example.org:6543/roastery";
    expect(placeName(`${server}?schema=beans&sslmode=require`)).toBe("db.example.org:6543, schema beans");
    expect(placeName("postgres://localhost/roastery")).toBe("localhost, schema public");
  });

  it("names keys", () => expect(keyNames("mod+shift+z")).toEqual(["Ctrl", "Shift", "Z"]));
});

describe("errors", () => {
  it("keeps the engine's shape, bare or wrapped, and wraps what is foreign", () => {
    const ours = { code: "name_taken", message: "There is an Order already.", details: { names: ["Order"] } };
    expect(toAppError(ours)).toBe(ours);
    expect(toAppError({ error: ours })).toBe(ours);
    expect(toAppError(new Error("boom"))).toEqual({ code: "internal", message: "boom" });
    expect(toAppError("boom")).toEqual({ code: "internal", message: "boom" });
  });

  it("says what happened, what to do, and has the details at hand", () => {
    render(
      <ErrorNotice
        error={{ code: "name_taken", message: "There is an Order already.", details: { names: ["Order"] } }}
      />,
    );
    const alert = screen.getByRole("alert");
    expect(alert).toHaveTextContent("There is an Order already.");
    expect(alert).toHaveTextContent("Choose another name.");
    expect(alert).toHaveTextContent("name_taken");
  });

  it("do not say twice what to do", () => {
    const message = "There is an entity Order already. Choose another name.";
    expect(nextStep({ code: "name_taken", message })).toBeUndefined();
  });
});

describe("ProgressBar", () => {
  it("tells its value, and has none while the total is unknown", () => {
    const { rerender } = render(<ProgressBar label="Materializing Album" done={3} total={10} />);
    const bar = screen.getByRole("progressbar", { name: "Materializing Album" });
    expect(bar).toHaveAttribute("aria-valuenow", "3");
    expect(bar).toHaveAttribute("aria-valuemax", "10");
    rerender(<ProgressBar label="Materializing Album" done={0} total={null} />);
    expect(bar).not.toHaveAttribute("aria-valuenow");
  });
});

describe("SQL", () => {
  const sql = `CREATE TABLE "select" (\n  id TEXT PRIMARY KEY, -- the key\n  n INTEGER DEFAULT 7\n);\nSELECT 'it''s' FROM "select";`;

  it.each(["sqlite", "postgres"])("is coloured as %s reads it, and stays what it is", (kind) => {
    const pieces = sqlColours(sql, kind);
    expect(pieces.map(([text]) => text).join("")).toBe(sql);
    const of = (text: string) => pieces.find((piece) => piece[0] === text)?.[1];
    expect(of("CREATE")).toBe("word");
    expect(of("TEXT")).toBe("type");
    expect(of("7")).toBe("text");
    expect(of("-- the key")).toBe("comment");
    expect(of('"select"'), "a name in quotes is no word of the language").toBe("name");
  });

  it("is shown whole at once, however long, and in colours a moment later", async () => {
    const long = `${sql.repeat(20)}\n-- ${"much to say ".repeat(6000)}`;
    const { container } = render(
      <SqlBlock label="SQL that will run" kind="sqlite">
        {long}
      </SqlBlock>,
    );
    const shown = () => container.querySelector("pre")?.textContent;
    expect(shown()).toBe(long);
    await waitFor(() => expect(container.querySelector("[data-colour]")).toBeInTheDocument());
    expect(shown()).toBe(long);
  });
});

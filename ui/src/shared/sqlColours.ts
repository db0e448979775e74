// Apart from SqlBlock, so that the parser is read only when somebody looks at SQL.
import { PostgreSQL, SQLite } from "@codemirror/lang-sql";
import { highlightCode, tagHighlighter, tags } from "@lezer/highlight";

export type Colour = "word" | "type" | "text" | "name" | "comment" | "";

const PARSERS = { sqlite: SQLite.language.parser, postgres: PostgreSQL.language.parser };

const colours = tagHighlighter([
  { tag: [tags.keyword, tags.bool, tags.null], class: "word" },
  { tag: tags.typeName, class: "type" },
  { tag: [tags.string, tags.number], class: "text" },
  // A name in quotes is a name.
  { tag: tags.special(tags.string), class: "name" },
  { tag: tags.comment, class: "comment" },
]);

/** The text in pieces, each with its colour; together they are the text. A kind that is not known is read as SQLite. */
export function sqlColours(sql: string, kind: string | undefined): [text: string, colour: Colour][] {
  const pieces: [string, Colour][] = [];
  highlightCode(
    sql,
    PARSERS[kind === "postgres" ? "postgres" : "sqlite"].parse(sql),
    colours,
    (text, colour) => pieces.push([text, colour as Colour]),
    () => pieces.push(["\n", ""]),
  );
  return pieces;
}

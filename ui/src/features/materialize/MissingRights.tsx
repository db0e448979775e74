import type { ReactNode } from "react";
import { SectionLabel, SqlBlock } from "../../shared";
import css from "./materialize.module.css";

/** What this user may not do on the server, and the SQL that gives the right. Nothing where nothing is missing. */
export function MissingRights(props: {
  rights: string[];
  kind: string | undefined;
  /** Whether they are those to bring records back: the tables are there. */
  back?: boolean;
  action?: ReactNode;
}) {
  const { rights, kind, back, action } = props;
  if (rights.length === 0) return null;
  return (
    <section className={css.section} aria-label="Rights that are missing">
      <SectionLabel action={action}>Rights are missing</SectionLabel>
      <p className={css.note}>
        {back
          ? "You may change records here, but neither drop nor alter these tables. Whoever owns them gives you the right with:"
          : "You may change records here, but not make their tables. Whoever owns the schema gives you the right with:"}
      </p>
      <SqlBlock label="SQL that gives the rights" kind={kind}>
        {rights.map((right) => `${right.replace(/;\s*$/, "")};`).join("\n")}
      </SqlBlock>
    </section>
  );
}

import { CopyButton } from "@mantine/core";
import { plural, SqlBlock } from "../../shared";
import { Fold } from "./Fold";
import css from "./materialize.module.css";

/** Every statement of a plan, to be read and to be copied. */
export function PlanSql({ statements, kind }: { statements: string[]; kind: string | undefined }) {
  const sql = statements.map((s) => `${s.trimEnd().replace(/;$/, "")};`).join("\n\n");
  return (
    <Fold
      title="SQL"
      note={plural(statements.length, "statement")}
      action={
        <CopyButton value={`${sql}\n`}>
          {({ copied, copy }) => (
            <button type="button" className={css.link} onClick={copy}>
              {copied ? "Copied" : "Copy SQL"}
            </button>
          )}
        </CopyButton>
      }
    >
      <SqlBlock label="SQL that will run" kind={kind}>
        {sql}
      </SqlBlock>
    </Fold>
  );
}

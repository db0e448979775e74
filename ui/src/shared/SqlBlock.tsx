import { useEffect, useMemo, useState } from "react";
import css from "./components.module.css";

/** What comes after this many characters is shown in one colour: every word of colour is an element of the page. */
const MOST = 60_000;

type Read = typeof import("./sqlColours")["sqlColours"];

/** SQL exactly as it will run; selectable, and in colours as soon as the parser is there. */
export function SqlBlock(props: { children: string; label: string; kind: string | undefined }) {
  const { children: sql, label, kind } = props;
  const [read, setRead] = useState<{ colours: Read } | null>(null);
  useEffect(() => {
    let left = false;
    import("./sqlColours").then(
      ({ sqlColours }) => left || setRead({ colours: sqlColours }),
      // Without colours it is still the SQL.
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, []);
  const pieces = useMemo(() => read?.colours(sql.slice(0, MOST), kind), [read, sql, kind]);
  return (
    <section aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable to be scrolled by keys */}
      <pre className={css.code} tabIndex={0}>
        {pieces
          ? pieces.map(([text, colour], i) =>
              colour ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: the pieces have no identity
                <span key={i} data-colour={colour}>
                  {text}
                </span>
              ) : (
                text
              ),
            )
          : sql.slice(0, MOST)}
        {sql.slice(MOST)}
      </pre>
    </section>
  );
}

import { Button } from "@mantine/core";
import { menuActions, useActionList } from "../../actions";
import { plural, useView } from "../../shared";
import css from "./inspector.module.css";

/** Above what is selected, while it is marked together with others: what can be done with all of them. */
export function MarkedEntities() {
  const { marked, selection, select } = useView();
  const actions = menuActions(useActionList(), "entities", { entities: marked });
  if (marked.length === 0) return null;
  return (
    <section className={css.marked} aria-label="Marked entities">
      <div className={css.markedHead}>
        <span className="sw-num">{plural(marked.length, "entity", "entities")} marked</span>
        <Button variant="subtle" onClick={() => select(selection)}>
          Unmark
        </Button>
      </div>
      <div className={css.markedButtons}>
        {actions
          .filter((a) => !a.danger)
          .map((a) => (
            <Button key={a.id} onClick={() => a.run({ entities: marked })}>
              {a.label}
            </Button>
          ))}
      </div>
    </section>
  );
}

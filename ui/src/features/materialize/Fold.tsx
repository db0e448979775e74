import { ChevronRight } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import css from "./plan.module.css";

/** A section that folds away: a heading with what it comes to, and the rest below. */
export function Fold(props: {
  title: string;
  /** Beside the title, seen when folded too. */
  note?: ReactNode;
  tone?: "danger" | "stone";
  action?: ReactNode;
  open?: boolean;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(props.open ?? true);
  const body = useId();
  return (
    <section className={css.fold} aria-label={props.title}>
      <header className={css.foldHead}>
        <h3>
          <button
            type="button"
            className={css.foldButton}
            aria-expanded={open}
            aria-controls={body}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight size={14} aria-hidden className={css.chevron} data-open={open || undefined} />
            <span className={css.foldTitle}>{props.title}</span>
            {props.note !== undefined && (
              <span className={css.foldNote} data-tone={props.tone}>
                {props.note}
              </span>
            )}
          </button>
        </h3>
        {open && props.action}
      </header>
      <div id={body} className={css.foldBody} hidden={!open}>
        {open && props.children}
      </div>
    </section>
  );
}

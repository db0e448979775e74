import type { ReactNode } from "react";
import css from "./strip.module.css";

/** A line along a view that says what is the matter with it: over it as a warning, under it for what went wrong. */
export function Strip(props: {
  tone: "warning" | "danger";
  /** An alert is read out at once. */
  role: "status" | "alert";
  label?: string;
  icon?: ReactNode;
  children: ReactNode;
  /** What can be done about it, at the far end. */
  actions?: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles may have a name
    <div className={css.strip} data-tone={props.tone} role={props.role} aria-label={props.label}>
      {props.icon}
      {props.children}
      {props.actions && (
        <>
          <span className={css.space} />
          {props.actions}
        </>
      )}
    </div>
  );
}

import { CircleAlert } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import css from "./components.module.css";
import { nextStep, toAppError } from "./error";

/** A small-caps heading of a group, with an optional control at its right. */
export function SectionLabel({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <h3 className={css.section}>
      <span>{children}</span>
      {action}
    </h3>
  );
}

export function EmptyState(props: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className={css.empty}>
      {props.icon && <span className={css.emptyIcon}>{props.icon}</span>}
      <h2>{props.title}</h2>
      {props.children && <p>{props.children}</p>}
      {props.actions && <div className={css.emptyActions}>{props.actions}</div>}
    </div>
  );
}

/** An error where it belongs: what happened, what to do next, and the details behind a fold. `bare` drops the frame. */
export function ErrorNotice(props: { error: unknown; action?: ReactNode; bare?: boolean }) {
  const error = toAppError(props.error);
  const next = nextStep(error);
  const details = detailText(error.details);
  return (
    <div className={css.error} role="alert" data-bare={props.bare || undefined} data-code={error.code}>
      <span className={css.errorIcon}>
        <CircleAlert size={16} aria-hidden />
      </span>
      <div>
        <p className={css.errorMessage}>{error.message}</p>
        {next && <p className={css.errorNext}>{next}</p>}
        {details && (
          <details className={css.errorDetails}>
            <summary>Details ({error.code})</summary>
            <pre>{details}</pre>
          </details>
        )}
      </div>
      {props.action}
    </div>
  );
}

function detailText(details: unknown): string | undefined {
  if (details === undefined || details === null) return undefined;
  if (typeof details === "string") return details || undefined;
  if (typeof details === "object" && Object.keys(details).length === 0) return undefined;
  return JSON.stringify(details, null, 2);
}

/** True once `after` milliseconds have gone by; below that a flash of skeleton would only be noise. */
export function useDelayed(after = 200): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return late;
}

/** Grey lines in place of content that takes longer than 200 ms. */
export function SkeletonLines({ lines = 6, label = "Loading" }: { lines?: number; label?: string }) {
  const late = useDelayed();
  return (
    <div className={css.skeleton} role="status" aria-label={label} aria-busy>
      {late &&
        Array.from({ length: lines }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines have no identity
          <span key={i} className={css.skeletonLine} style={{ width: `${90 - ((i * 37) % 45)}%` }} />
        ))}
    </div>
  );
}

/** A thin bar. Without a total it moves to and fro, and says so to a screen reader by having no value. */
export function ProgressBar(props: {
  label: string;
  done: number;
  total: number | null;
  tone?: "stone" | "clay";
}) {
  const known = props.total !== null && props.total > 0;
  const percent = known ? Math.min(100, (props.done / (props.total ?? 1)) * 100) : 0;
  return (
    <div
      className={css.progress}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={known ? (props.total ?? undefined) : undefined}
      aria-valuenow={known ? props.done : undefined}
      data-tone={props.tone}
      data-indeterminate={known ? undefined : true}
    >
      <div className={css.progressFill} style={known ? { width: `${percent}%` } : undefined} />
    </div>
  );
}

const mac = typeof navigator !== "undefined" && /mac/i.test(navigator.platform);

const KEY_NAMES: Record<string, string> = {
  mod: mac ? "⌘" : "Ctrl",
  shift: mac ? "⇧" : "Shift",
  alt: mac ? "⌥" : "Alt",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
  enter: "Enter",
  escape: "Esc",
  delete: "Del",
  space: "Space",
};

/** "mod+shift+z" → ["Ctrl", "Shift", "Z"]. */
export function keyNames(keys: string): string[] {
  return keys.split("+").map((part) => {
    const known = KEY_NAMES[part.toLowerCase()];
    return known ?? (part.length === 1 ? part.toUpperCase() : part);
  });
}

export function Kbd({ keys }: { keys: string }) {
  return (
    <span className={css.kbd} aria-hidden>
      {keyNames(keys).map((name) => (
        <kbd key={name}>{name}</kbd>
      ))}
    </span>
  );
}

/** What a dialog asks about would take with it: one line each, and a last word on whether it can be taken back. */
export function Consequences({ lines, children }: { lines: ReactNode[]; children: ReactNode }) {
  return (
    <div className={css.consequences}>
      {lines.length > 0 && (
        <ul>
          {lines.map((line, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines have no identity
            <li key={i}>{line}</li>
          ))}
        </ul>
      )}
      <p>{children}</p>
    </div>
  );
}

/** For the button that does what a dialog asks about: takes the focus as soon as it can be pressed. */
export function useFocusWhen(ready: boolean): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (ready) button.current?.focus({ preventScroll: true });
  }, [ready]);
  return button;
}

/** The foot of a dialog: what leaves it first, what does it last. Only the last gives way to a long name. */
export function DialogButtons({ children }: { children: ReactNode }) {
  return <div className={css.dialogButtons}>{children}</div>;
}

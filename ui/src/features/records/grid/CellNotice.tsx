import { Button, Popover } from "@mantine/core";
import { type RefObject, useEffect, useState } from "react";
import { formatWhen, nextStep } from "../../../shared";
import type { CellState } from "../model/cells";
import type { Column } from "../model/columns";
import { ValueView } from "./CellView";
import css from "./notice.module.css";

/** Under the focused cell: why its value was refused, or both values where somebody else was faster. */
export function CellNotice(props: {
  cell: CellState | undefined;
  column: Column | undefined;
  /** The cell's element is found anew at every look: it moves as the grid scrolls. */
  anchor: () => HTMLElement | null;
  refocus: () => void;
  onEdit: () => void;
  onDiscard: () => void;
  onKeepMine: () => void;
  /** Sends the value once more; absent where that leads nowhere. */
  onRetry?: () => void;
  first: RefObject<HTMLButtonElement | null>;
}) {
  const { cell, column, anchor } = props;
  const shown = cell && cell.state !== "saving" && column ? cell : null;
  const rect = useRect(anchor, shown !== null);
  if (!shown || !column || !rect) return null;
  const onKeyDown = (event: { key: string; stopPropagation: () => void; preventDefault: () => void }) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    event.preventDefault();
    props.refocus();
  };
  return (
    <Popover
      opened
      position="bottom-start"
      offset={4}
      withinPortal
      trapFocus={false}
      closeOnClickOutside={false}
    >
      <Popover.Target>
        <span
          className={css.anchor}
          style={{ top: rect.top, left: rect.left, width: rect.width, height: rect.height }}
        />
      </Popover.Target>
      <Popover.Dropdown className={css.notice} role="alert" onKeyDown={onKeyDown}>
        {shown.state === "refused" ? (
          <>
            <p className={css.message}>{shown.error.message}</p>
            {nextStep(shown.error) && <p className={css.next}>{nextStep(shown.error)}</p>}
            <div className={css.actions}>
              {props.onRetry && shown.again && (
                <Button size="compact-sm" ref={props.first} onClick={props.onRetry}>
                  Try again
                </Button>
              )}
              <Button size="compact-sm" ref={shown.again ? undefined : props.first} onClick={props.onEdit}>
                Edit
              </Button>
              <Button size="compact-sm" variant="subtle" color="gray" onClick={props.onDiscard}>
                Discard
              </Button>
            </div>
          </>
        ) : (
          <>
            <p className={css.message}>
              {shown.theirs.updated_by ?? "Somebody"} changed this record{" "}
              {formatWhen(shown.theirs.updated_at)}, while you edited it. Which value stays?
            </p>
            <Both column={column} cell={shown} />
            <div className={css.actions}>
              <Button size="compact-sm" ref={props.first} onClick={props.onDiscard}>
                Keep theirs
              </Button>
              <Button size="compact-sm" onClick={props.onKeepMine}>
                Use mine
              </Button>
            </div>
          </>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Both({ column, cell }: { column: Column; cell: Extract<CellState, { state: "conflict" }> }) {
  if (column.kind === "links") return null;
  const theirs = cell.theirs.data[column.name] ?? null;
  const named = column.kind === "reference" ? cell.theirs.links?.[column.key]?.[0]?.primary_value : undefined;
  return (
    <dl className={css.both}>
      <dt>Theirs</dt>
      <dd>
        {column.kind === "field" ? (
          <ValueView column={column} value={theirs} />
        ) : (
          (named ?? String(theirs ?? "–"))
        )}
      </dd>
      <dt>Yours</dt>
      <dd>
        {column.kind === "field" ? <ValueView column={column} value={cell.mine.value} /> : cell.typed || "–"}
      </dd>
    </dl>
  );
}

/** Where the anchor is on the screen, looked at every frame while it matters. */
function useRect(anchor: () => HTMLElement | null, on: boolean): DOMRect | null {
  const [rect, setRect] = useState<DOMRect | null>(null);
  useEffect(() => {
    if (!on) {
      setRect(null);
      return;
    }
    let frame = 0;
    const look = () => {
      const next = anchor()?.getBoundingClientRect() ?? null;
      setRect((old) =>
        old && next && old.top === next.top && old.left === next.left && old.width === next.width
          ? old
          : next,
      );
      frame = requestAnimationFrame(look);
    };
    look();
    return () => cancelAnimationFrame(frame);
  }, [anchor, on]);
  return rect;
}

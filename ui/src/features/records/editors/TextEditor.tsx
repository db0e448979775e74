import { Popover } from "@mantine/core";
import { FolderOpen } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { platform } from "../../../platform";
import { fileName } from "../../../shared";
import type { FieldColumn } from "../model/columns";
import { editText, parseText, storedValue } from "../model/values";
import { DayPicker } from "./DayPicker";
import { type EditorProps, type Then, thenOf } from "./editor";
import css from "./editors.module.css";

const HINTS: Partial<Record<FieldColumn["type"], string>> = {
  date: "2026-01-31",
  datetime: "2026-01-31 12:00",
  uuid: "00000000-0000-0000-0000-000000000000",
  binary: "hexadecimal, such as 00ff",
  url: "https://",
  multiselect: "several, with commas",
};

const INPUT_MODE: Partial<Record<FieldColumn["type"], "numeric" | "decimal" | "email" | "tel" | "url">> = {
  integer: "numeric",
  float: "decimal",
  decimal: "decimal",
  currency: "decimal",
  percentage: "decimal",
  email: "email",
  phone: "tel",
  url: "url",
};

/** Every type that is written as text. Numbers stay the text that was typed. */
export function TextEditor({
  column,
  record,
  opening,
  onCommit,
  onCancel,
  onRefuse,
}: EditorProps<FieldColumn>) {
  const before = editText(column.type, storedValue(record, column));
  const [text, setText] = useState(opening ?? before);
  const [problem, setProblem] = useState<string | null>(null);
  const box = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  const done = useRef(false);
  const several = column.type === "text" || column.type === "json";
  const dated = column.type === "date" || column.type === "datetime";

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    element.focus({ preventScroll: true });
    // A typed character goes on after it; an opened value is ready to be replaced.
    if (opening === undefined && !several) element.select();
    else element.setSelectionRange(element.value.length, element.value.length);
  }, [opening, several]);

  const commit = (then: Then, typed = text, left = false) => {
    if (done.current) return;
    if (typed === before && opening === undefined) return leave(then);
    const parsed = parseText(column.type, typed);
    if ("problem" in parsed) {
      if (left) {
        done.current = true;
        onRefuse(typed, `${column.title} ${parsed.problem}.`);
      } else setProblem(`This ${parsed.problem}`);
      return;
    }
    done.current = true;
    onCommit({ value: parsed.value, typed }, then);
  };
  /** Nothing changed: a null stays null, whatever an empty editor would mean. */
  const leave = (then: Then) => {
    done.current = true;
    if (then === "stay") onCancel();
    else onCommit({ value: storedValue(record, column), typed: before }, then);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      done.current = true;
      onCancel();
    } else if (
      event.key === "Backspace" &&
      (event.ctrlKey || event.metaKey) &&
      event.shiftKey === false &&
      text === ""
    ) {
      event.preventDefault();
      done.current = true;
      onCommit({ value: null, typed: "" }, "stay");
    } else if (!(several && event.key === "Enter" && event.shiftKey)) {
      const then = thenOf(event);
      if (!then) return;
      event.preventDefault();
      commit(then);
    }
  };

  const shared = {
    ref: box,
    value: text,
    "aria-label": column.title,
    "aria-invalid": problem !== null,
    placeholder: HINTS[column.type],
    spellCheck: false,
    autoComplete: "off",
    onKeyDown,
    onChange: (event: { target: { value: string } }) => {
      setText(event.target.value);
      setProblem(null);
    },
    onBlur: () => commit("stay", text, true),
    onPaste: (event: { stopPropagation: () => void }) => event.stopPropagation(),
    onCopy: (event: { stopPropagation: () => void }) => event.stopPropagation(),
  };
  const lines = Math.min(
    12,
    Math.max(several ? 3 : 1, text.split("\n").length + Math.floor(text.length / 60)),
  );
  return (
    <Popover
      opened={dated || problem !== null}
      position="bottom-start"
      offset={2}
      withinPortal
      trapFocus={false}
    >
      <Popover.Target>
        {several ? (
          <textarea
            {...shared}
            className={css.area}
            rows={lines}
            data-mono={column.type === "json" || undefined}
          />
        ) : (
          <span className={css.line}>
            <input {...shared} className={css.input} inputMode={INPUT_MODE[column.type]} />
            {(column.type === "file" || column.type === "image") && (
              <ChooseFile image={column.type === "image"} onChoose={(path) => chosen(path)} />
            )}
          </span>
        )}
      </Popover.Target>
      <Popover.Dropdown p={4} onMouseDown={(event) => event.preventDefault()}>
        {problem && (
          <p className={css.problem} role="alert">
            {problem}
          </p>
        )}
        {dated && !problem && (
          <DayPicker
            text={text}
            onPick={(day) => commit("stay", column.type === "date" ? day : withTime(day, text))}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );

  function chosen(path: string): void {
    done.current = true;
    onCommit({ value: { name: fileName(path), path }, typed: fileName(path) }, "stay");
  }
}

/** A day picked in a calendar keeps the time of day that stood there. */
function withTime(day: string, text: string): string {
  const time = /[ T](\d\d:\d\d.*)$/.exec(text)?.[1];
  return `${day} ${time ?? "00:00"}`;
}

function ChooseFile({ image, onChoose }: { image: boolean; onChoose: (path: string) => void }) {
  const choose = async () => {
    const path = await platform().pickFile({
      title: image ? "Choose an image" : "Choose a file",
      filters: image
        ? [{ name: "Images", extensions: ["png", "jpg", "jpeg", "gif", "webp", "svg"] }]
        : undefined,
    });
    if (path) onChoose(path);
  };
  return (
    <button
      type="button"
      className={css.choose}
      tabIndex={-1}
      aria-label={image ? "Choose an image" : "Choose a file"}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => void choose()}
    >
      <FolderOpen size={14} aria-hidden />
    </button>
  );
}

import { useRef, useState } from "react";
import css from "./tree.module.css";

/** A name edited in its place: Enter or leaving keeps it, Esc gives up (null). */
export function InlineName(props: { label: string; value: string; onDone: (value: string | null) => void }) {
  const [text, setText] = useState(props.value);
  const finished = useRef(false);
  const finish = (value: string | null) => {
    if (finished.current) return;
    finished.current = true;
    props.onDone(value === null || value.trim() === "" || value.trim() === props.value ? null : value.trim());
  };
  return (
    <input
      className={css.inline}
      aria-label={props.label}
      value={text}
      // biome-ignore lint/a11y/noAutofocus: the person has just asked to edit this
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => finish(text)}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") finish(text);
        if (event.key === "Escape") finish(null);
      }}
    />
  );
}

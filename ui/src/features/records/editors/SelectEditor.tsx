import { useState } from "react";
import type { FieldColumn } from "../model/columns";
import { storedValue } from "../model/values";
import type { EditorProps } from "./editor";
import css from "./editors.module.css";
import { type Option, Picker } from "./Picker";

const NONE = "none";

function found(options: string[], text: string): string[] {
  const looked = text.trim().toLowerCase();
  return options.filter((o) => o.toLowerCase().includes(looked));
}

/** One of the options; any text where the field names none. */
export function SelectEditor({ column, record, opening, onCommit, onCancel }: EditorProps<FieldColumn>) {
  const [text, setText] = useState(opening ?? "");
  const now = storedValue(record, column);
  const all = column.field.config.options ?? [];
  const open = all.length === 0 && text.trim() !== "";
  const options: Option[] = [
    ...found(all, text).map((o) => ({ key: `=${o}`, label: o, chosen: o === now })),
    ...(open ? [{ key: `=${text.trim()}`, label: text.trim() }] : []),
    ...(!column.required && text === "" ? [{ key: NONE, label: "No value", chosen: now === null }] : []),
  ];
  return (
    <Picker
      label={column.title}
      text={text}
      onText={setText}
      options={options}
      empty="None of the options"
      onChoose={(key, then) => {
        // What is none of the options goes to the engine as it is: it refuses with the options, and the text is kept.
        const value = key === NONE ? null : key ? key.slice(1) : text;
        onCommit({ value, typed: value ?? "" }, then);
      }}
      onCancel={onCancel}
    />
  );
}

/** Any of the options, shown as chips. Enter with nothing typed takes them. */
export function MultiselectEditor({ column, record, opening, onCommit, onCancel }: EditorProps<FieldColumn>) {
  const [text, setText] = useState(opening ?? "");
  const before = storedValue(record, column);
  const [chosen, setChosen] = useState<string[]>(Array.isArray(before) ? before.map(String) : []);
  const [touched, setTouched] = useState(false);
  const all = column.field.config.options ?? [];
  const typed = text.trim();
  const extra = all.length === 0 && typed !== "" && !chosen.includes(typed) ? [typed] : [];
  const options: Option[] = [...found([...new Set([...all, ...chosen])], text), ...extra].map((o) => ({
    key: o,
    label: o,
    chosen: chosen.includes(o),
  }));
  const toggle = (option: string) => {
    setChosen((now) => (now.includes(option) ? now.filter((o) => o !== option) : [...now, option]));
    setTouched(true);
    setText("");
  };
  const take = (then: "stay" | "down" | "up" | "next" | "back") => {
    const value = chosen.length === 0 && before === null ? null : chosen;
    onCommit({ value, typed: chosen.join(", ") }, then);
  };
  return (
    <Picker
      label={column.title}
      text={text}
      onText={setText}
      options={options}
      empty="None of the options"
      multiple
      onChoose={(key, then) => {
        // A click or a search chooses; Tab, and Enter once something was changed and nothing is typed, takes the lot.
        if (key !== null && (then === "stay" || typed !== "" || (then === "down" && !touched))) toggle(key);
        else take(then);
      }}
      onErase={() => {
        setChosen((now) => now.slice(0, -1));
        setTouched(true);
      }}
      onCancel={() => (touched ? take("stay") : onCancel())}
    >
      {chosen.length > 0 && (
        <div className={css.chosen}>
          {chosen.map((option) => (
            <button
              key={option}
              type="button"
              tabIndex={-1}
              className={css.chip}
              onClick={() => toggle(option)}
            >
              {option} <span aria-hidden>×</span>
              <span className="sw-visually-hidden">remove</span>
            </button>
          ))}
        </div>
      )}
    </Picker>
  );
}

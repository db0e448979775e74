import { Popover } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { type Then, thenOf } from "./editor";
import css from "./editors.module.css";

export interface Option {
  key: string;
  label: ReactNode;
  /** Already chosen: marked, and choosing it again takes it away where several may be chosen. */
  chosen?: boolean;
  hint?: string;
}

/**
 * A text field in the cell with a list under it. The keyboard stays in the text; the list follows it. What stands in
 * `options` is up to the caller, who hears every change of the text.
 */
export function Picker(props: {
  label: string;
  text: string;
  onText: (text: string) => void;
  options: Option[];
  /** The list is being read, and what is shown is of a moment ago. */
  busy?: boolean;
  empty: string;
  placeholder?: string;
  /** Shown above the list. */
  children?: ReactNode;
  /** `null` when nothing in the list is marked. */
  onChoose: (key: string | null, then: Then) => void;
  /** Backspace in an empty text. */
  onErase?: () => void;
  onCancel: () => void;
  /** Several may be chosen: choosing leaves the list open. */
  multiple?: boolean;
}) {
  const { options, text } = props;
  const [at, setAt] = useState(0);
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const left = useRef(false);
  const marked = options.length === 0 ? -1 : Math.min(at, options.length - 1);

  useEffect(() => {
    const element = box.current;
    element?.focus({ preventScroll: true });
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: "nearest" });
  });

  const choose = (index: number, then: Then) => {
    if (!props.multiple) left.current = true;
    props.onChoose(options[index]?.key ?? null, then);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    const then = thenOf(event);
    if (event.key === "ArrowDown") setAt(Math.min(marked + 1, options.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(marked - 1, 0));
    else if (event.key === "PageDown") setAt(Math.min(marked + 8, options.length - 1));
    else if (event.key === "PageUp") setAt(Math.max(marked - 8, 0));
    else if (event.key === "Escape") {
      left.current = true;
      props.onCancel();
    } else if (event.key === "Backspace" && text === "" && props.onErase) props.onErase();
    else if (then) choose(marked, then);
    else return;
    event.preventDefault();
  };

  return (
    <Popover opened position="bottom-start" offset={2} withinPortal trapFocus={false} width="target">
      <Popover.Target>
        <input
          ref={box}
          className={css.input}
          role="combobox"
          aria-label={props.label}
          aria-expanded
          aria-controls={id}
          aria-activedescendant={marked >= 0 ? `${id}-${marked}` : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          placeholder={props.placeholder ?? "Search"}
          value={text}
          onChange={(event) => {
            props.onText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          onPaste={(event) => event.stopPropagation()}
          onBlur={() => !left.current && props.onCancel()}
        />
      </Popover.Target>
      <Popover.Dropdown p={4} className={css.dropdown} onMouseDown={(event) => event.preventDefault()}>
        {props.children}
        <div
          ref={list}
          id={id}
          className={css.list}
          role="listbox"
          aria-label={props.label}
          aria-busy={props.busy}
        >
          {options.map((option, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard is in the text field, which leads the list
            // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant marks it, the focus stays in the text
            <div
              key={option.key}
              id={`${id}-${index}`}
              role="option"
              className={css.option}
              aria-selected={index === marked}
              data-chosen={option.chosen || undefined}
              onMouseMove={() => index !== marked && setAt(index)}
              onClick={() => choose(index, "stay")}
            >
              <span className="sw-ellipsis">{option.label}</span>
              {option.hint && <span className={css.hint}>{option.hint}</span>}
              {option.chosen && (
                <span className={css.check} aria-hidden>
                  ✓
                </span>
              )}
            </div>
          ))}
        </div>
        {options.length === 0 && <p className={css.none}>{props.busy ? "Searching…" : props.empty}</p>}
      </Popover.Dropdown>
    </Popover>
  );
}

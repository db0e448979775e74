import { Textarea, TextInput, type TextInputProps } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useKeptDraft } from "./draft";

/**
 * Text that is kept when the person leaves it or presses Enter, and put back by Esc. A refused text stays as typed,
 * with the refusal beneath, until it is mended or put back.
 */
export function Committed(
  props: {
    value: string;
    /** Tells whether it was taken. */
    onCommit: (text: string) => Promise<boolean>;
    error?: ReactNode;
    multiline?: boolean;
    /** Enter begins a new line; leaving keeps the text. */
    lines?: boolean;
    /** Called when the person goes without having changed anything, or gives the change up. */
    onLeave?: () => void;
    /** Names the place for a draft, where a plan may be looked at before the text is taken. */
    place?: string;
    /** For a control without a visible label. */
    name?: string;
  } & Pick<TextInputProps, "label" | "placeholder" | "description" | "inputMode" | "list" | "autoFocus">,
) {
  const { value, onCommit, onLeave, multiline, lines, place, name, autoFocus, ...rest } = props;
  const kept = useKeptDraft("text", place ?? "");
  const [text, setText] = useState(kept?.text ?? value);
  const sent = useRef(value);
  const shown = useRef(value);
  useEffect(() => {
    if (shown.current === value) return;
    shown.current = value;
    setText(value);
    sent.current = value;
  }, [value]);

  const commit = () => {
    if (text === value) onLeave?.();
    if (text === sent.current) return;
    sent.current = text;
    void onCommit(text);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    if (event.key === "Enter" && !lines && !(multiline && event.shiftKey)) {
      event.preventDefault();
      commit();
    } else if (event.key === "Escape" && (text !== value || onLeave)) {
      event.stopPropagation();
      setText(value);
      sent.current = value;
      onLeave?.();
    }
  };
  const shared = {
    ...rest,
    inputWrapperOrder: ["label", "input", "description", "error"] as [
      "label",
      "input",
      "description",
      "error",
    ],
    autoFocus,
    "aria-label": name,
    value: text,
    onBlur: commit,
    onKeyDown,
    onFocus: (event: { currentTarget: { select: () => void } }) => autoFocus && event.currentTarget.select(),
    onChange: (event: { currentTarget: { value: string } }) => setText(event.currentTarget.value),
  };
  return multiline ? <Textarea autosize minRows={1} maxRows={8} {...shared} /> : <TextInput {...shared} />;
}

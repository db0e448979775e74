import type { FieldColumn } from "../model/columns";
import type { EditorProps } from "./editor";
import { LinksEditor } from "./LinksEditor";
import { ReferenceEditor } from "./ReferenceEditor";
import { MultiselectEditor, SelectEditor } from "./SelectEditor";
import { TextEditor } from "./TextEditor";

export type { EditorProps, Entry, Then } from "./editor";

/** The editor that fits a column. */
export function Editor(props: EditorProps & { entity: string }) {
  const { column, entity, ...rest } = props;
  if (column.kind === "reference") return <ReferenceEditor column={column} {...rest} />;
  if (column.kind === "links") return <LinksEditor column={column} entity={entity} {...rest} />;
  return <FieldEditor column={column} {...rest} />;
}

function FieldEditor(props: EditorProps<FieldColumn>) {
  switch (props.column.type) {
    case "bool":
      return (
        <SelectEditor
          {...props}
          column={withOptions(props.column)}
          onCommit={(entry, then) => props.onCommit(asBool(entry), then)}
        />
      );
    case "select":
      return <SelectEditor {...props} />;
    case "multiselect":
      return <MultiselectEditor {...props} />;
    default:
      return <TextEditor {...props} />;
  }
}

function withOptions(column: FieldColumn): FieldColumn {
  return { ...column, field: { ...column.field, config: { options: ["true", "false"] } } };
}

function asBool<E extends { value: unknown; typed: string }>(entry: E): E {
  return { ...entry, value: entry.value === "true" ? true : entry.value === "false" ? false : entry.value };
}

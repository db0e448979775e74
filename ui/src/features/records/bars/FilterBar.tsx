import { ActionIcon, Button, Menu, NativeSelect, Popover, Select, TextInput } from "@mantine/core";
import { ListFilter, X } from "lucide-react";
import { useState } from "react";
import { titleOf, useRecordSearch } from "../../../api";
import { TypeIcon } from "../grid/typeIcons";
import type { Grid } from "../grid/useGrid";
import type { Column, ReferenceColumn } from "../model/columns";
import { type Condition, needsValue, operatorsOf, operatorWord } from "../model/filter";
import { nameOf } from "../model/values";
import css from "./bars.module.css";

/** The button that adds a condition: first on what, the rest on its chip. */
export function AddFilter({ grid }: { grid: Grid }) {
  const [text, setText] = useState("");
  const columns = grid.columns.ordered.filter(
    (c) => operatorsOf(c).length > 0 && c.title.toLowerCase().includes(text.trim().toLowerCase()),
  );
  const add = (column: Column) => {
    const [operator = "eq"] = operatorsOf(column);
    grid.setLook({ conditions: [...grid.look.conditions, { column: column.id, operator, value: "" }] });
    setText("");
  };
  return (
    <Menu position="bottom-start" offset={4} width={240} onClose={() => setText("")}>
      <Menu.Target>
        <Button variant="subtle" color="gray" leftSection={<ListFilter size={14} />}>
          Filter
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflowY: "auto" }}>
        <TextInput
          data-autofocus
          aria-label="Find a column"
          placeholder="Filter by…"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [first] = columns;
            if (event.key !== "Enter" || !first) return;
            event.preventDefault();
            add(first);
          }}
          mb={4}
        />
        {columns.map((column) => (
          <Menu.Item key={column.id} leftSection={<TypeIcon column={column} />} onClick={() => add(column)}>
            {column.title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The conditions in force, each a chip to change or take away. */
export function FilterChips({ grid }: { grid: Grid }) {
  const { conditions } = grid.look;
  if (conditions.length === 0) return null;
  const put = (at: number, next: Condition | null) =>
    grid.setLook({ conditions: conditions.flatMap((c, i) => (i === at ? (next ?? []) : c)) });
  return (
    <ul className={css.chips} aria-label="Filters">
      {conditions.map((condition, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition is what stands at its place
        <li key={`${i}:${condition.column}`}>
          <FilterChip
            condition={condition}
            column={grid.all.find((c) => c.id === condition.column)}
            title={titleOf(grid.entity)}
            put={(next) => put(i, next)}
          />
        </li>
      ))}
      {conditions.length > 1 && (
        <li>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            onClick={() => grid.setLook({ conditions: [] })}
          >
            Clear filters
          </Button>
        </li>
      )}
    </ul>
  );
}

function FilterChip(props: {
  condition: Condition;
  column: Column | undefined;
  /** Name of the entity, for a condition on the record itself. */
  title: string;
  put: (next: Condition | null) => void;
}) {
  const { condition, column, put } = props;
  const [open, setOpen] = useState(condition.value === "" && needsValue(condition.operator));
  const name = column?.title ?? props.title;
  const value = condition.shown ?? condition.value;
  const text = needsValue(condition.operator) ? ` ${value || "…"}` : "";
  return (
    <span className={css.filter} data-open={(value === "" && text) || undefined}>
      <Popover
        opened={open && column !== undefined}
        onChange={setOpen}
        position="bottom-start"
        offset={4}
        trapFocus
      >
        <Popover.Target>
          <button type="button" className={css.filterText} onClick={() => setOpen((o) => !o)}>
            <b>{name}</b> {operatorWord(condition.operator, column)}
            <span>{text}</span>
          </button>
        </Popover.Target>
        <Popover.Dropdown p={8}>
          {column && <Condit condition={condition} column={column} put={put} close={() => setOpen(false)} />}
        </Popover.Dropdown>
      </Popover>
      <ActionIcon size={18} aria-label={`Remove the filter on ${name}`} onClick={() => put(null)}>
        <X size={12} />
      </ActionIcon>
    </span>
  );
}

function Condit(props: {
  condition: Condition;
  column: Column;
  put: (next: Condition) => void;
  close: () => void;
}) {
  const { condition, column, put, close } = props;
  return (
    <form
      className={css.condition}
      onSubmit={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <NativeSelect
        aria-label="Condition"
        value={condition.operator}
        onChange={(event) =>
          put({ ...condition, operator: event.currentTarget.value as Condition["operator"] })
        }
        data={operatorsOf(column).map((o) => ({ value: o, label: operatorWord(o, column) }))}
      />
      {needsValue(condition.operator) && <ValueInput {...props} />}
    </form>
  );
}

function ValueInput(props: {
  condition: Condition;
  column: Column;
  put: (next: Condition) => void;
  close: () => void;
}) {
  const { condition, column, put } = props;
  const [text, setText] = useState(condition.value);
  if (column.kind === "reference") {
    return <ReferenceInput {...props} column={column} />;
  }
  const options = column.kind === "field" ? (column.field.config.options ?? []) : [];
  if (options.length > 0 && condition.operator !== "in") {
    return (
      <NativeSelect
        data-autofocus
        aria-label="Value"
        value={condition.value}
        data={["", ...options]}
        onChange={(event) => put({ ...condition, value: event.currentTarget.value })}
      />
    );
  }
  return (
    <TextInput
      data-autofocus
      aria-label="Value"
      placeholder={condition.operator === "in" ? "one, another" : "Value"}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => text !== condition.value && put({ ...condition, value: text })}
      onKeyDown={(event) => event.key === "Enter" && put({ ...condition, value: text })}
    />
  );
}

function ReferenceInput(props: {
  condition: Condition;
  column: ReferenceColumn;
  put: (next: Condition) => void;
  close: () => void;
}) {
  const { condition, column, put, close } = props;
  const [text, setText] = useState("");
  const search = useRecordSearch(column.target.id, text);
  const found = search.found.map((r) => ({ value: r.id, label: nameOf(r) }));
  const known = condition.value && !found.some((f) => f.value === condition.value);
  const current = known ? [{ value: condition.value, label: condition.shown ?? condition.value }] : [];
  return (
    <Select
      data-autofocus
      searchable
      aria-label={`Search ${column.target.name}`}
      placeholder={`Search ${column.target.name}`}
      comboboxProps={{ withinPortal: false }}
      data={[...current, ...found]}
      filter={({ options }) => options}
      value={condition.value || null}
      onSearchChange={setText}
      onChange={(value, option) => {
        put({ ...condition, value: value ?? "", shown: option?.label });
        if (value) close();
      }}
    />
  );
}

import { ActionIcon } from "@mantine/core";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useState } from "react";
import { dayText, monthOf, shiftMonth, weeksOf } from "../model/calendar";
import css from "./editors.module.css";

const NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** A month to click a day in. It follows what is typed; the keyboard stays in the text. */
export function DayPicker({ text, onPick }: { text: string; onPick: (day: string) => void }) {
  const [month, setMonth] = useState(() => monthOf(text));
  const typed = /^\d{4}-\d\d/.exec(text.trim())?.[0];
  useEffect(() => {
    if (typed) setMonth(monthOf(typed));
  }, [typed]);
  const today = dayText(
    { year: new Date().getFullYear(), month: new Date().getMonth() + 1 },
    new Date().getDate(),
  );
  const chosen = text.trim().slice(0, 10);
  return (
    <div className={css.calendar}>
      <div className={css.month}>
        <ActionIcon tabIndex={-1} aria-label="Month before" onClick={() => setMonth(shiftMonth(month, -1))}>
          <ChevronLeft size={14} />
        </ActionIcon>
        <span aria-live="polite">
          {NAMES[month.month - 1]} {String(month.year).padStart(4, "0")}
        </span>
        <ActionIcon tabIndex={-1} aria-label="Month after" onClick={() => setMonth(shiftMonth(month, 1))}>
          <ChevronRight size={14} />
        </ActionIcon>
      </div>
      <div className={css.days}>
        {["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].map((name) => (
          <span key={name} className={css.weekday} aria-hidden>
            {name}
          </span>
        ))}
        {weeksOf(month).flatMap((week, w) =>
          week.map((day, d) => {
            const full = day === null ? "" : dayText(month, day);
            return day === null ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: a gap has only its place
              <span key={`gap-${w}-${d}`} />
            ) : (
              <button
                key={full}
                type="button"
                tabIndex={-1}
                className={css.day}
                aria-label={full}
                data-chosen={full === chosen || undefined}
                data-today={full === today || undefined}
                onClick={() => onPick(full)}
              >
                {day}
              </button>
            );
          }),
        )}
      </div>
    </div>
  );
}

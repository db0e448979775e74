// A month as weeks of days. Dates are text (`2026-01-31`) and years run from 0 to 9999, so no Date is asked for the year 0.

export interface Month {
  year: number;
  /** From 1. */
  month: number;
}

/** The month a text begins with; today's where it has none. */
export function monthOf(text: string, today = new Date()): Month {
  const parts = /^(\d{4})-(\d\d)/.exec(text.trim());
  const month = Number(parts?.[2]);
  if (parts && month >= 1 && month <= 12) return { year: Number(parts[1]), month };
  return { year: today.getFullYear(), month: today.getMonth() + 1 };
}

export function shiftMonth({ year, month }: Month, by: number): Month {
  const months = Math.min(9999 * 12 + 11, Math.max(0, year * 12 + month - 1 + by));
  return { year: Math.floor(months / 12), month: (months % 12) + 1 };
}

export function daysIn({ year, month }: Month): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] as number;
}

/** 0 for Monday. By Sakamoto's rule, which holds for every year of the Gregorian calendar. */
export function weekday({ year, month }: Month, day: number): number {
  const shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4][month - 1] as number;
  const y = (month < 3 ? year - 1 : year) + 400;
  const sunday = (y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + shift + day) % 7;
  return (sunday + 6) % 7;
}

export function dayText({ year, month }: Month, day: number): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** Weeks from Monday; null where a week reaches into another month. */
export function weeksOf(month: Month): (number | null)[][] {
  const days: (number | null)[] = Array.from({ length: weekday(month, 1) }, () => null);
  for (let day = 1; day <= daysIn(month); day += 1) days.push(day);
  while (days.length % 7 !== 0) days.push(null);
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
}

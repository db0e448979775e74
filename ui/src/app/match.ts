/** Whether every word of the query stands in the text, in any order; case does not matter. */
export function matches(query: string, text: string): boolean {
  const haystack = text.toLowerCase();
  return words(query).every((word) => haystack.includes(word));
}

function words(query: string): string[] {
  return query.toLowerCase().split(/\s+/).filter(Boolean);
}

/** -1 the label is the query, 0 the label starts with the query, 1 a word of it does, 2 it is in the label, 3 it is only in the rest. */
function rankOf(query: string, label: string): number {
  const text = label.toLowerCase();
  const q = query.toLowerCase().trim();
  if (text === q) return -1;
  if (text.startsWith(q)) return 0;
  if (text.includes(` ${q}`)) return 1;
  return text.includes(q) ? 2 : 3;
}

/** The items that match, best fit first; equals keep their order. */
export function byFit<T>(
  query: string,
  items: T[],
  label: (item: T) => string,
  rest: (item: T) => string,
): T[] {
  if (words(query).length === 0) return items;
  return items
    .filter((item) => matches(query, `${label(item)} ${rest(item)}`))
    .map((item) => ({ item, rank: rankOf(query, label(item)) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

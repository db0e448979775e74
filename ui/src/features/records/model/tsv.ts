// Cells on the clipboard: tab-separated, as spreadsheets write them. A cell with a tab, a line break or a quote is quoted.

export function toTsv(rows: string[][]): string {
  return rows.map((row) => row.map(quoted).join("\t")).join("\n");
}

function quoted(cell: string): string {
  return /[\t\n\r"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Rows of cells. A final line break adds no empty row. */
export function fromTsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  for (;;) {
    const [cell, end] = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at);
    row.push(cell);
    const stop = text[end];
    if (stop === "\t") {
      at = end + 1;
      continue;
    }
    rows.push(row);
    row = [];
    if (stop === undefined) return rows;
    at = end + (stop === "\r" && text[end + 1] === "\n" ? 2 : 1);
    if (at >= text.length) return rows;
  }
}

function plainCell(text: string, start: number): [cell: string, end: number] {
  let end = start;
  while (end < text.length && !"\t\n\r".includes(text[end] as string)) end += 1;
  return [text.slice(start, end), end];
}

function quotedCell(text: string, start: number): [cell: string, end: number] {
  let cell = "";
  let at = start + 1;
  for (;;) {
    const close = text.indexOf('"', at);
    // A quote that never closes was a quote somebody typed, not one a spreadsheet wrote.
    if (close === -1) return plainCell(text, start);
    cell += text.slice(at, close);
    if (text[close + 1] !== '"') {
      const [rest, end] = plainCell(text, close + 1);
      return [cell + rest, end];
    }
    cell += '"';
    at = close + 2;
  }
}

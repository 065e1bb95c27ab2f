// Files of texts: read from .txt, .csv, .tsv and .jsonl, written as CSV (RFC 4180).

/** Returns the texts of a file. Throws an Error that says what to mend. */
export function readTexts(name, content) {
  const kind = name.toLowerCase().split(".").pop();
  const whole = content.replace(/^\uFEFF/, "");
  if (kind === "txt") return whole.split(/\r?\n/).filter((line) => line.trim());
  if (kind === "csv") return column(parse(whole, ","));
  if (kind === "tsv") return column(parse(whole, "\t"));
  if (kind === "jsonl") return whole.split(/\r?\n/).map(textOf).filter((text) => text !== null);
  throw new Error(`${name}: not a .txt, .csv, .tsv or .jsonl file.`);
}

/** Returns rows of cells as CSV. */
export function writeCsv(rows) {
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((cells) => cells.map((cell) => quoted(String(cell))).join(",") + "\r\n").join("");
}

function column([header = [], ...rows]) {
  const place = header.findIndex((name) => name.trim().toLowerCase() === "text");
  if (place < 0) throw new Error(`There is no column "text" in the first line; its columns are: ${header.join(", ") || "none"}.`);
  return rows.map((cells) => cells[place] ?? "");
}

function textOf(line, index) {
  if (!line.trim()) return null;
  let value;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`Line ${index + 1} is not JSON.`);
  }
  if (typeof value?.text !== "string") throw new Error(`Line ${index + 1} has no string "text".`);
  return value.text;
}

function parse(content, delimiter) {
  // A cell is quoted, with quotes doubled, or it ends at the next delimiter or line.
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|((?!")[^${delimiter}\\r\\n]*))(${delimiter}|\\r?\\n|\\r|$)`, "y");
  const rows = [];
  let cells = [];
  while (cell.lastIndex < content.length) {
    const found = cell.exec(content);
    if (!found) throw new Error(`Row ${rows.length + 1}: a quote is not closed, or something follows it.`);
    cells.push(found[1] === undefined ? found[2] : found[1].replaceAll('""', '"'));
    if (found[3] !== delimiter || cell.lastIndex === content.length) {
      if (found[3] === delimiter) cells.push("");
      rows.push(cells);
      cells = [];
    }
  }
  return rows.filter((row) => row.length > 1 || row[0] !== "");
}

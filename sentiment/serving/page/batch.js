// A file: predicted in parts, counted, and given back as CSV.

import { readTexts, writeCsv } from "./delimited.js";
import { bar, modelCard, predict, tell } from "./service.js";

const MOST_BYTES = 50e6;
const TRIES = 8; // of a part, while the service is overloaded

const at = (id) => document.getElementById(id);
const drop = at("drop");
let running = new AbortController();
let result = ""; // URL of the last result

at("file").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  target.value = ""; // so that the same file can be chosen again
  if (file) start(file);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) start(event.dataTransfer.files[0]);
  });
}
at("stop").addEventListener("click", () => running.abort());

async function start(file) {
  running.abort();
  const mine = (running = new AbortController());
  reset();
  try {
    const texts = await readFile(file);
    const { limits, labels } = await modelCard();
    if (mine.signal.aborted) return;
    at("batch").hidden = false;
    at("stop").hidden = false;
    const rows = await predictAll(texts, limits, labels, mine.signal);
    offer(file.name, rows, labels);
  } catch (error) {
    if (running !== mine) return; // another file has taken its place
    at("batch").hidden = true;
    tell(at("file-problem"), error.name === "AbortError" ? "Stopped." : error.message);
    if (error.name === "AbortError") at("file").focus();
  }
}

function reset() {
  tell(at("file-problem"), "");
  at("file-told").textContent = "";
  at("batch").hidden = true;
  at("download").hidden = true;
  at("progress").hidden = false;
  at("progress").value = 0;
  at("counts").replaceChildren();
  if (result) URL.revokeObjectURL(result);
  result = "";
}

async function readFile(file) {
  if (file.size > MOST_BYTES) throw new Error(`${file.name}: more than 50 MB; sentiment predict reads larger files.`);
  let content;
  try {
    content = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name}: not UTF-8; save it as UTF-8 first.`);
  }
  const texts = readTexts(file.name, content);
  if (!texts.length) throw new Error(`${file.name}: no text in it.`);
  return texts;
}

async function predictAll(texts, limits, labels, signal) {
  const rows = [];
  at("progress").max = texts.length;
  for (const part of parts(texts, limits)) {
    const fits = part.filter((text) => length(text) <= limits.characters);
    const predictions = fits.length ? await patiently(fits, signal) : [];
    for (const text of part) rows.push(row(text, length(text) <= limits.characters ? predictions.shift() : null, labels));
    at("progress").value = rows.length;
    at("file-told").textContent = `${rows.length.toLocaleString("en")} of ${texts.length.toLocaleString("en")} texts`;
  }
  return rows;
}

function* parts(texts, limits) {
  // A character is at most 6 bytes of JSON, but for those that two UTF-16 units make up: those count as two.
  let part = [];
  let bytes = 0;
  for (const text of texts) {
    const more = Math.min(6 * text.length, 6 * 2 * limits.characters) + 4;
    if (part.length && (part.length === limits.texts || bytes + more > limits.body_bytes - 64)) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(text);
    bytes += more;
  }
  if (part.length) yield part;
}

async function patiently(texts, signal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await predict(texts, false, signal);
    } catch (error) {
      if (!error.again || attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      signal.throwIfAborted();
    }
  }
}

function length(text) {
  return text.length <= 2500 ? text.length : Array.from(text).length; // the limit counts code points
}

function row(text, prediction, labels) {
  if (!prediction) return { cells: [text, "", "", "", ...labels.map(() => ""), "too long"] };
  const { label, probability, abstained, probabilities } = prediction;
  return { label, cells: [text, label, probability, abstained, ...labels.map((name) => probabilities[name]), ""] };
}

function offer(name, rows, labels) {
  const header = ["text", "label", "probability", "abstained", ...labels.map((label) => `p(${label})`), "error"];
  const csv = writeCsv([header, ...rows.map(({ cells }) => cells)]);
  result = URL.createObjectURL(new Blob([csv], { type: "text/csv;charset=utf-8" }));
  at("download").href = result;
  at("download").download = name.replace(/\.[^.]*$/, "") + ".predicted.csv";
  at("download").hidden = false;
  at("stop").hidden = true;
  at("progress").hidden = true;
  at("download").focus();
  const counts = labels.map((label) => [label, rows.filter((each) => each.label === label).length]);
  const most = Math.max(...counts.map(([, n]) => n));
  at("counts").replaceChildren(...counts.flatMap(([label, n]) => counted(label, n, rows.length, n === most)));
  const left = rows.filter((each) => !each.label).length;
  const [all, done] = [rows.length, rows.length - left].map((n) => n.toLocaleString("en"));
  at("file-told").textContent = left
    ? `${name}: ${done} of ${all} texts predicted; ${left.toLocaleString("en")} too long, marked in the column "error".`
    : `${name}: ${all} texts predicted.`;
}

function counted(label, n, all, most) {
  const cells = bar(label, n / all, most);
  cells[2].textContent = n.toLocaleString("en");
  return cells;
}

// A file: sent to the service, which reads and predicts it; counted, shown and given back as CSV.

import { bar, make, modelCard, percent, predictFile, tell } from "./service.js";

const TRIES = 4; // while the service is overloaded
const PAUSE = 2000; // milliseconds between them
const OURS = 4; // columns of the results that the service adds: row, label, probability, abstained

const at = (id) => document.getElementById(id);
const drop = at("drop");
const form = at("reading-form");
const counted = (n) => n.toLocaleString("en");
let running = new AbortController();
let last = null; // the file that was given last
let result = ""; // URL of its results

at("file").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  target.value = ""; // so that the same file can be chosen again
  if (file) begin(file);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) begin(event.dataTransfer.files[0]);
  });
}
at("stop").addEventListener("click", () => running.abort());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (last) start();
});

function begin(file) {
  last = file;
  form.reset(); // what was said of another file
  at("reading").open = false;
  start();
}

async function start() {
  running.abort();
  const file = last;
  const mine = (running = new AbortController());
  reset(file);
  try {
    const { limits, labels } = await modelCard();
    if (file.size > limits.file_bytes) {
      const most = Math.floor(limits.file_bytes / 2 ** 20);
      throw new Error(`${file.name}: more than ${most} MiB; sentiment predict --input reads larger files.`);
    }
    const asked = { name: file.name, probabilities: labels.length <= 20, no_formulas: true, ...said() };
    const answer = await patiently(file, asked, mine.signal);
    if (!mine.signal.aborted) show(file.name, answer);
  } catch (error) {
    if (running === mine) refuse(error); // else another file has taken its place
  }
}

function said() {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
}

function reset(file) {
  tell(at("file-problem"), "");
  at("file-told").textContent = `${file.name} is read and predicted …`;
  for (const id of ["download", "results", "again"]) at(id).hidden = true;
  for (const id of ["batch", "progress", "stop"]) at(id).hidden = false;
  if (result) URL.revokeObjectURL(result);
  result = "";
}

function refuse(error) {
  at("batch").hidden = true;
  at("again").hidden = false;
  const { reading } = error;
  // The command line's remedy is of no use here: its flags are filled in instead.
  const message = reading ? error.message.replace(/, as in: .*/, "") : error.message;
  tell(at("file-problem"), error.name === "AbortError" ? "Stopped." : message);
  if (error.name === "AbortError") at("file").focus();
  if (!reading) return;
  for (const [name, value] of Object.entries(reading)) if (form.elements[name]) form.elements[name].value = value;
  at("reading").open = true;
  at("again").focus();
}

async function patiently(file, asked, signal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await predictFile(file, asked, signal);
    } catch (error) {
      if (!error.again || attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      signal.throwIfAborted();
    }
  }
}

function show(name, answer) {
  result = URL.createObjectURL(new Blob([answer.results], { type: "text/csv;charset=utf-8" }));
  at("download").href = result;
  at("download").download = `${name.replace(/\.[^.]*$/, "")}.predicted.csv`;
  for (const id of ["stop", "progress"]) at(id).hidden = true;
  for (const id of ["download", "results", "again"]) at(id).hidden = false;
  at("read-as").textContent = `Read as ${answer.read_as.slice(answer.read_as.indexOf(": ") + 2)}.`;
  showCounts(answer);
  showLeftOut(answer);
  showRows(answer);
  const without = answer.rows - answer.predicted;
  at("file-told").textContent = without
    ? `${name}: ${counted(answer.predicted)} of ${counted(answer.rows)} rows predicted, ${counted(without)} left out.`
    : `${name}: all ${counted(answer.rows)} rows predicted.`;
  at("download").focus();
}

// A probability, or those of several labels with what stands between these. Of its four digits 1.0000 is no certainty.
function shares(cell) {
  return (cell.match(/\d\.\d+/g) ?? []).map((each) => percent(Math.min(Number(each), 0.99999))).join(", ");
}

function showCounts({ labels, predicted }) {
  const most = Math.max(...Object.values(labels));
  const bars = Object.entries(labels).flatMap(([label, n]) => {
    const cells = bar(label, n / predicted, n === most);
    cells[2].textContent = counted(n);
    return cells;
  });
  at("counts").replaceChildren(...bars);
}

function showLeftOut({ left_out, left_out_rows, rows, predicted }) {
  at("left-out").hidden = predicted === rows;
  const reasons = Object.entries(left_out).map(([reason, n]) => `${counted(n)} ${reason}`);
  at("left-out-told").textContent = `Left out: ${reasons.join(", ")}`;
  const several = new Set(left_out_rows.map(({ file }) => file)).size > 1;
  const lines = left_out_rows.map(({ file, line, error }) => {
    const head = make("th", "", several ? `${file}, ${counted(line)}` : counted(line));
    head.scope = "row";
    return make("tr", "", "", head, make("td", "", error));
  });
  const more = rows - predicted - left_out_rows.length;
  if (more > 0) lines.push(make("tr", "", "", make("th", "", "…"), make("td", "", `and ${counted(more)} more`)));
  at("left-out-rows").replaceChildren(...lines);
}

function showRows({ columns, first_rows, dialect, predicted }) {
  const texts = dialect.columns.text.length;
  const kind = (place) => (place < texts ? "text" : "own");
  const own = columns.slice(OURS);
  at("first-told").textContent =
    first_rows.length < predicted ? `The first ${first_rows.length} results` : "The results";
  const heads = [["Row", "number"], ["Label", ""], ["Probability", "number"], ...own.map((name, n) => [name, kind(n)])];
  at("first-columns").replaceChildren(make("tr", "", "", ...heads.map(([name, of]) => columnHead(name, of))));
  at("first-rows").replaceChildren(
    ...first_rows.map(([row, label, probability, abstained, ...cells]) => {
      const head = make("th", "number", row);
      head.scope = "row";
      const unsure = abstained ? [make("span", "", "abstains")] : [];
      const shown = cells.map((cell, place) => make("td", kind(place), "", make("div", "", cell)));
      const labelled = make("td", abstained ? "label unsure" : "label", label, ...unsure);
      return make("tr", "", "", head, labelled, make("td", "number", shares(probability)), ...shown);
    }),
  );
}

function columnHead(name, of) {
  const head = make("th", of, name);
  head.scope = "col";
  return head;
}

async function showLimits() {
  const { limits } = await modelCard();
  const most = Math.floor(limits.file_bytes / 2 ** 20);
  at("file-limits").textContent = `; up to ${most} MiB and ${counted(limits.file_rows)} rows`;
}

const showLimitsOrNot = () => showLimits().catch(() => {}); // the page's other half says why not
document.addEventListener("unlocked", showLimitsOrNot);
showLimitsOrNot();

// One text: label, probability, and what each word did.

import "./batch.js";
import { bar, make, modelCard, percent, predict, side, tell, useKey } from "./service.js";

const EXAMPLES = [
  "What a lovely morning, thank you all :)",
  "two hours, and they lost my order :(",
  "not bad at all, i would go again",
  "the meeting is at three",
  "xyzzy plugh frobnicate",
];
const SEEN = 0.02; // of the strongest; a word that does less has no colour
const STRONG = 0.5; // nats; a text whose words all do less than this stays pale
const PAUSE = 250; // milliseconds without a key before the service is asked

const at = (id) => document.getElementById(id);
const text = at("text");
let pending = new AbortController();
let timer = 0;

text.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
for (const example of EXAMPLES) {
  const button = make("button", "", example);
  button.type = "button";
  button.addEventListener("click", () => {
    text.value = example;
    ask();
  });
  at("examples").append(make("li", "", "", button));
}
document.addEventListener("locked", ({ detail }) => {
  at("key-form").hidden = false;
  at("wrong-key").hidden = !detail.tried;
});
at("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  at("key-form").hidden = true;
  useKey(at("key").value);
  document.dispatchEvent(new Event("unlocked"));
});
document.addEventListener("unlocked", () => {
  showModel();
  ask();
  text.focus();
});
showModel();

async function ask() {
  pending.abort(); // an answer to an older text must not come after that to a newer
  pending = new AbortController();
  const asked = text.value;
  if (!asked.trim()) {
    at("answer").hidden = true;
    tell(at("problem"), "");
    at("told").textContent = "";
    return;
  }
  try {
    const [prediction] = await predict([asked], true, pending.signal);
    tell(at("problem"), "");
    show(asked, prediction);
  } catch (error) {
    if (error.name === "AbortError") return;
    at("answer").hidden = true;
    at("told").textContent = "";
    tell(at("problem"), error.message);
  }
}

function show(asked, prediction) {
  const { labels = [prediction.label], probabilities } = prediction; // of a model that gives several there may be none
  const label = labels.join(", ") || "no label";
  const shares = labels.map((name) => percent(probabilities[name])).join(", ");
  at("label").textContent = label;
  at("probability").textContent = shares;
  const why = prediction.abstained ? `The model abstains: ${prediction.reason}. Better not rely on the label.` : "";
  tell(at("abstained"), why);
  at("answer").classList.toggle("uncertain", prediction.abstained);
  at("answer").classList.toggle("negative", side(prediction.label) === "minus");
  const classes = Object.entries(probabilities).sort(([, one], [, other]) => other - one);
  at("classes").replaceChildren(...classes.flatMap(([name, share]) => bar(name, share, labels.includes(name))));
  showExplained(asked, prediction.by_label ?? {});
  showWords(asked, prediction);
  at("answer").hidden = false;
  at("told").textContent = `${[label, shares].filter(Boolean).join(", ")}. ${why}`;
}

// Of a text with several labels, a button for each: what the words did for it.
function showExplained(asked, byLabel) {
  const buttons = Object.entries(byLabel).map(([name, attributions], place) => {
    const button = make("button", "", name);
    button.type = "button";
    button.setAttribute("aria-pressed", place === 0);
    button.addEventListener("click", () => {
      for (const each of buttons) each.setAttribute("aria-pressed", each === button);
      showWords(asked, { attributions });
    });
    return button;
  });
  at("explained").hidden = buttons.length < 2;
  at("explained").replaceChildren(...buttons.map((button) => make("li", "", "", button)));
}

function showWords(asked, { attributions }) {
  const characters = Array.from(asked); // spans count code points, JavaScript's strings count UTF-16 units
  const slice = (start, end) => characters.slice(start, end).join("");
  const marks = marked(attributions);
  const most = Math.max(...marks.map(({ score }) => Math.abs(score)), STRONG);
  const words = [];
  let end = 0;
  for (const each of marks) {
    const [start, stop] = each.span;
    words.push(slice(end, start), word(slice(start, stop), each, most));
    end = stop;
  }
  at("words").replaceChildren(...words, slice(end));
  const strangers = marks.filter(({ score, known }) => !known && Math.abs(score) / most >= SEEN);
  const named = [...new Set(strangers.map(({ span }) => slice(...span)))].join(", ");
  tell(at("never-seen"), named && `Unknown, never seen in training: ${named}. What is shown for it does not come from knowing the word.`);
  at("contributions").replaceChildren(...attributions.map((each) => row(each, slice(...each.span))));
}

// Tokens whose characters overlap share a mark, as in sentiment/prediction/attribution.py.
function marked(attributions) {
  const marks = [];
  for (const { span, score, known } of attributions) {
    const last = marks.at(-1);
    if (last && span[0] < last.span[1]) {
      last.span[1] = Math.max(last.span[1], span[1]);
      last.score += score;
      last.known &&= known;
    } else marks.push({ span: [...span], score, known });
  }
  return marks;
}

function word(shown, { score, known }, most) {
  const strength = Math.abs(score) / most;
  const kinds = ["word", known ? "" : "unknown", strength < SEEN ? "" : score > 0 ? "for" : "against"];
  const span = make("span", kinds.filter(Boolean).join(" "), shown);
  span.style.setProperty("--strength", strength.toFixed(3));
  return span;
}

function row({ token, score, known }, shown) {
  const cells = [token, signed(score), known ? "known" : "unknown"].map((cell) => make("td", "", cell));
  const head = make("th", "", shown);
  head.scope = "row";
  return make("tr", "", "", head, ...cells);
}

function signed(score) {
  return `${score < 0 ? "−" : "+"}${Math.abs(score).toFixed(3)}`;
}

async function showModel() {
  try {
    const card = await modelCard();
    const accuracy = card.metrics.validation_accuracy;
    at("model").textContent = [card.labels.join(", "), `trained on ${card.corpus.name}`].join(" · ");
    const facts = {
      Run: card.name,
      Labels: card.labels.join(", "),
      "Trained on": [card.corpus.name, card.corpus.source, card.corpus.version].filter(Boolean).join(", "),
      Licence: card.corpus.licence,
      Note: card.corpus.note,
      [card.several ? "Validation accuracy of single decisions" : "Validation accuracy"]: accuracy?.toFixed(4),
      Limits: `${card.limits.texts} texts of ${card.limits.characters.toLocaleString("en")} characters in a request`,
    };
    tell(at("problem"), "");
    const told = Object.entries(facts).filter(([, fact]) => fact);
    at("card").replaceChildren(...told.flatMap(([name, fact]) => [make("dt", "", name), make("dd", "", fact)]));
  } catch (error) {
    tell(at("problem"), error.message);
  }
}

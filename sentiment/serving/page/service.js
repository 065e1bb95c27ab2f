// The service, as the page's two halves ask it.

/** An answer that isn't one: its message is for people; `again`: asking once more may help; `reading`: how else to. */
export class Refusal extends Error {
  constructor(message, again = false, reading = undefined) {
    super(message);
    this.again = again;
    this.reading = reading;
  }
}

let key = sessionStorage.getItem("key") ?? ""; // of this tab, until it is closed

/** Sends a key with what is asked from now on. */
export function useKey(given) {
  key = given;
  sessionStorage.setItem("key", given);
}

/** Returns the predictions of texts. Throws a Refusal, or AbortError when `signal` says so. */
export async function predict(texts, explain, signal) {
  const answer = await ask("v1/predict", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ texts, explain }),
    signal,
  });
  return answer.predictions;
}

/** Returns what became of a file. `asked`: parameters of the request. Throws as `predict`. */
export async function predictFile(file, asked, signal) {
  return ask(`v1/predict-file?${new URLSearchParams(asked)}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: file,
    signal,
  });
}

/** Returns what is known of the model. Throws a Refusal. */
export async function modelCard() {
  return ask("v1/model");
}

async function ask(path, { headers = {}, ...options } = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: key ? { ...headers, authorization: `Bearer ${key}` } : headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("The service does not answer. Is it still running?", true);
  }
  if (response.ok) return response.json();
  if (response.status === 401) {
    document.dispatchEvent(new CustomEvent("locked", { detail: { tried: key !== "" } }));
    throw new Refusal("The service wants a key: give it above.");
  }
  const problem = await response.json().catch(() => ({}));
  // The whole detail is for programs: where in the body the error is, and what describes it.
  const message = problem.errors?.[0]?.detail ?? problem.detail ?? `The service answered ${response.status}.`;
  throw new Refusal(message, problem.type?.endsWith(":overloaded"), problem.reading);
}

/** Shows a message in an element that is announced, or hides it for "". */
export function tell(element, message) {
  element.textContent = message;
  element.hidden = !message;
}

/** Returns an element with a class, a text and children. */
export function make(tag, className = "", text = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

/** Returns a share as a percentage that never rounds to certainty. */
export function percent(share) {
  const shown = (100 * share).toFixed(1);
  if (shown === "100.0" && share < 1) return "> 99.9 %";
  if (shown === "0.0" && share > 0) return "< 0.1 %";
  return `${shown} %`;
}

/** Returns "plus", "minus" or "": the side that a label called so is on, as in sentiment/corpora/polarity.py. */
export function side(label) {
  if (["positive", "pos"].includes(label.toLowerCase())) return "plus";
  return ["negative", "neg"].includes(label.toLowerCase()) ? "minus" : "";
}

/** Returns the three cells of one bar: name, bar, share. */
export function bar(name, share, best) {
  const fill = make("span");
  fill.style.setProperty("--share", share);
  const track = make("dd", ["bar", best ? "best" : "", side(name)].filter(Boolean).join(" "), "", fill);
  track.setAttribute("aria-hidden", "true");
  return [make("dt", side(name), name), track, make("dd", "share", percent(share))];
}

/* The search page: its state is in the address, its results grow as months arrive. */
import { article, drawStar, element, fillDetails } from "./draw.js";
import * as marks from "./marks.js";
import { forgetOld, loadJson, loadPiece, site } from "./papers.js";
import { matcher, parse, phrases, score } from "./query.js";

const STEP = 30; // papers drawn at a time
const FIRST = 8; // and before anything else
const AT_ONCE = 5; // pieces loaded at the same time, after the first
const SLICE = 12; // milliseconds of work before the page may answer to keys
const $ = (id) => document.getElementById(id);
const form = $("form");
const list = $("list");
const status = $("status");
const switches = ["code", "new", "starred", "unread"];
const visit = marks.lastVisit(site.updated);

let state = {};
let found = [];
let wanted = [];
let limit = STEP;
let reached = ""; // the date back to which the search got; empty when all is searched
let nearness = {};
let current = 0; // the number of the search; an older one stops
const drawn = new Map();

// State and address ---------------------------------------------------------------------------

const names = ["q", "topic", "venue", "from", "to", "sort", ...switches];

function readAddress() {
  const given = new URLSearchParams(location.search);
  state = Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""]));
  // A month in the address, 2026-08, is its first or its last day.
  if (/^\d{4}-\d\d$/.test(state.from)) state.from += "-01";
  if (/^\d{4}-\d\d$/.test(state.to)) {
    const [year, month] = state.to.split("-").map(Number);
    state.to = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
  }
  for (const name of ["topic", "venue"]) addOptions(name, [state[name]]);
  for (const name of names) {
    const field = form.elements[name];
    if (field.type === "checkbox") field.checked = Boolean(state[name]);
    else field.value = state[name];
  }
  search();
}

function readForm() {
  for (const name of names) {
    const field = form.elements[name];
    state[name] = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value;
  }
}

function address() {
  const given = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
  return given.size ? `?${given}` : location.pathname;
}

/* While a search is being typed, its address replaces that of its beginning. */
let typing = 0;
function stateChanged(event) {
  const before = state.q;
  readForm();
  const now = state.q;
  const isTyping = event?.target === form.elements.q && Date.now() - typing < 1500;
  const continues = now.startsWith(before) || before.startsWith(now);
  if (address() !== location.search) {
    history[isTyping && continues ? "replaceState" : "pushState"](null, "", address());
  }
  typing = event?.target === form.elements.q ? Date.now() : 0;
  search();
}

// Search --------------------------------------------------------------------------------------

const pause = () =>
  globalThis.scheduler?.yield ? scheduler.yield() : new Promise((resolve) => setTimeout(resolve));

function filter() {
  const { topic, venue, from, to } = state;
  return (paper) =>
    (!topic || paper.topics?.includes(topic)) &&
    (!venue || (venue === "*" ? paper.venue : paper.venue === venue)) &&
    (!from || paper.date.slice(0, 10) >= from) &&
    (!to || paper.date.slice(0, 10) <= to) &&
    (!state.code || paper.code) &&
    (!state.new || (visit && paper.seen > visit)) &&
    (!state.starred || marks.isStarred(paper.id)) &&
    (!state.unread || !marks.isRead(paper.id));
}

async function search() {
  const run = ++current;
  const tree = parse(state.q);
  const matches = matcher(tree);
  const passes = filter();
  wanted = phrases(tree?.included);
  found = [];
  limit = STEP;
  reached = site.updated.slice(0, 10);
  drawn.clear();
  drawActive();
  $("hint").replaceChildren();
  status.removeAttribute("data-complete");
  const pieces = site.pieces.filter(
    (piece) => !(state.from && piece.last < state.from) && !(state.to && piece.first > state.to),
  );
  if (state.sort === "near" && site.nearness) nearness = await loadJson(site.nearness).catch(() => ({}));
  let since = performance.now();
  for (const [at, piece] of pieces.entries()) {
    let papers;
    try {
      papers = await loadPiece(piece);
    } catch (error) {
      if (run === current) failed(piece, error);
      return;
    }
    if (run !== current) return;
    for (const next of pieces.slice(at + 1, at + 1 + AT_ONCE)) loadPiece(next).catch(() => {});
    for (const paper of papers) if (passes(paper) && matches(paper)) found.push(paper);
    if (performance.now() - since > SLICE || at === 0) {
      reached = piece.first;
      draw(at === 0 ? FIRST : limit);
      await pause();
      if (run !== current) return;
      since = performance.now();
    }
  }
  reached = "";
  draw();
  if (pieces.length === site.pieces.length) forgetOld();
}

function failed(piece, error) {
  console.warn(error);
  const again = element("button", { type: "button" }, "Try again");
  again.addEventListener("click", () => location.reload());
  status.replaceChildren(
    `${count(found.length)} so far. The papers up to ${piece.last} could not be loaded: ` +
      "there is no connection, or a newer night has replaced them. ",
    again,
  );
}

// Results -------------------------------------------------------------------------------------

// toLocaleString takes a phone a tenth of a second, the first time.
const written = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const count = (number) => `${written(number)} ${number === 1 ? "paper" : "papers"}`;

function draw(most = limit) {
  const rank = { best: (paper) => score(paper, wanted), near: (paper) => nearness[paper.id] ?? -1 }[state.sort];
  const points = new Map(rank && found.map((paper) => [paper, rank(paper)]));
  found.sort((one, other) => (rank ? points.get(other) - points.get(one) : 0) || newest(one, other));
  status.dataset.count = found.length;
  if (!reached) status.dataset.complete = "";
  const of = reached ? `; searched back to ${reached} so far …` : ` of ${written(site.count)}`;
  status.textContent = `${count(found.length)}${of}`;
  drawList(most);
  if (!reached) {
    drawHint();
    addOptions("venue", venues());
  }
}

const newest = (one, other) =>
  one.date < other.date ? 1 : one.date > other.date ? -1 : one.id < other.id ? 1 : -1;

function drawList(most) {
  const papers = found.slice(0, most);
  papers.forEach((paper, at) => {
    if (!drawn.has(paper.id)) drawn.set(paper.id, article(paper, wanted));
    const made = drawn.get(paper.id);
    // What stands in its place already keeps its focus.
    if (list.children[at] !== made) list.insertBefore(made, list.children[at] ?? null);
  });
  while (list.children.length > papers.length) list.lastChild.remove();
  $("more").hidden = most < limit || found.length <= limit;
  $("what").textContent = `${count(found.length)} of this search, for a reference manager or as text.`;
  document.dispatchEvent(new Event("ZoteroItemUpdated", { bubbles: true }));
}

/* Words side by side are a phrase; who meant all of them anywhere gets that by a press. */
function drawHint() {
  const words = state.q.trim().split(/\s+/);
  if (words.length < 2 || !words.every((word) => /^[\p{L}\p{N}'’.+#-]+$/u.test(word) && word[0] !== "-")) {
    return;
  }
  const apart = words.join(" & ");
  const button = element("button", { type: "button" }, apart);
  button.addEventListener("click", () => {
    form.elements.q.value = apart;
    stateChanged();
  });
  $("hint").replaceChildren("These words side by side. Anywhere in a paper: ", button);
}

const seenVenues = new Set();
function venues() {
  for (const paper of found) if (paper.venue) seenVenues.add(paper.venue);
  return [...seenVenues].sort();
}

function addOptions(name, values) {
  const field = form.elements[name];
  const known = new Set(Array.from(field.options, (option) => option.value));
  for (const value of values) if (value && !known.has(value)) field.add(new Option(value, value));
}

function drawActive() {
  const active = names.filter((name) => name !== "q" && state[name]);
  $("active").textContent = active.length ? `(${active.length})` : "";
  if (active.length) $("filters").open = true;
  if (state.new && !visit) $("hint").textContent = "This is the first night that this browser sees.";
}

const paperOf = (target) => {
  const made = target.closest?.("article[data-paper]");
  return made && found.find((paper) => paper.id === made.dataset.paper);
};

list.addEventListener("click", async ({ target }) => {
  const paper = paperOf(target);
  if (!paper) return;
  if (target.closest(".star")) toggleStar(paper);
  else if (target.closest("h2 a")) read(paper);
  else if (target.closest(".cite")) {
    const text = (await loadJson(paper.piece.references))[paper.id];
    await navigator.clipboard.writeText(text);
    target.textContent = "Copied";
  }
});
list.addEventListener(
  "toggle",
  ({ target }) => {
    const paper = paperOf(target);
    if (!paper) return;
    if (!target.open) return refilter();
    fillDetails(target, paper, wanted);
    read(paper);
  },
  true,
);

function read(paper) {
  marks.setRead(paper.id);
  drawn.get(paper.id)?.classList.add("read");
}

function toggleStar(paper) {
  const made = drawn.get(paper.id);
  const star = made.querySelector(".star");
  star.ariaPressed = String(star.ariaPressed !== "true");
  marks.setStar(paper.id, star.ariaPressed === "true");
  drawStar(made);
  refilter();
}

/* What is no longer starred or unread leaves a list of these; what is read, when it is closed. */
function refilter() {
  if (!state.starred && !state.unread) return;
  const at = [...list.children].indexOf(document.activeElement?.closest("article"));
  found = found.filter(filter());
  draw();
  if (at >= 0 && document.activeElement === document.body) {
    list.children[Math.min(at, found.length - 1)]?.querySelector("h2 a").focus();
  }
}

function more() {
  if (found.length <= limit) return;
  limit += STEP;
  drawList(limit);
}
$("more").addEventListener("click", more);
new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), {
  rootMargin: "600px",
}).observe($("more"));

// Export --------------------------------------------------------------------------------------

async function references(papers) {
  const texts = [];
  for (const paper of papers) texts.push((await loadJson(paper.piece.references))[paper.id]);
  return texts.join("\n");
}

const exports = {
  bibtex: ["papers.bib", () => references(found)],
  seeds: ["seeds.txt", () => marks.starred().map((id) => `${id}\n`).join("")],
  identifiers: ["papers.txt", () => found.map((paper) => `${paper.id}\n`).join("")],
  marks: ["daily-papers-marks.json", marks.exported],
};
$("export").addEventListener("click", async ({ target }) => {
  const [name, text] = exports[target.dataset?.export] ?? [];
  if (!name) return;
  const url = URL.createObjectURL(new Blob([await text()], { type: "text/plain" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
});
$("import").addEventListener("change", async ({ target }) => {
  try {
    marks.bringBack(await target.files[0].text());
    $("what").textContent = "The stars are back.";
    search();
  } catch {
    $("what").textContent = "This file has no stars that this page exported.";
  }
});

// Keys ----------------------------------------------------------------------------------------

function move(step) {
  const titles = [...list.querySelectorAll("h2 a")];
  const here = titles.findIndex((title) => title.closest("article").contains(document.activeElement));
  if (here + step < 0) form.elements.q.focus();
  else titles[Math.min(here + step, titles.length - 1)]?.focus();
  if (here + step >= titles.length - 2) more();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key } = event;
  const inSearch = target === form.elements.q;
  if (target.matches?.("input, select, textarea") && !(inSearch && ["ArrowDown", "Escape"].includes(key))) return;
  const paper = paperOf(target);
  const actions = {
    "/": () => form.elements.q.focus(),
    Escape: () => (inSearch ? target.blur() : form.elements.q.focus()),
    ArrowDown: () => move(1),
    j: () => move(1),
    ArrowUp: () => move(-1),
    k: () => move(-1),
    o: () => paper && drawn.get(paper.id).querySelector("summary").click(),
    s: () => paper && toggleStar(paper),
  };
  const isScrolling = key.startsWith("Arrow") && !inSearch && !paper;
  if (!actions[key] || isScrolling || (inSearch && key === "Escape" && target.value)) return;
  event.preventDefault();
  actions[key]();
});

// Start ---------------------------------------------------------------------------------------

form.addEventListener("input", (event) => event.target.id !== "import" && stateChanged(event));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  typing = 0;
});
$("clear").addEventListener("click", () => {
  for (const name of names) {
    if (name !== "q") form.elements[name][form.elements[name].type === "checkbox" ? "checked" : "value"] = "";
  }
  stateChanged();
});
addEventListener("popstate", readAddress);
addOptions("topic", site.topics);
if (!site.nearness) form.elements.sort.querySelector("[value=near]").remove();
readAddress();
if ("serviceWorker" in navigator) addEventListener("load", () => navigator.serviceWorker.register("sw.js"));

/* The search page: its state is in the address, its results grow as months arrive. */
import { article, drawStar, element, fillDetails } from "./draw.js";
import * as marks from "./marks.js";
import { forgetOld, loadJson, loadPiece, site } from "./papers.js";
import { matcher, parse, phrases, score } from "./query.js";

const STEP = 30; // papers drawn at a time
const FIRST = 8; // and before anything else
const AT_ONCE = 5; // pieces loaded at the same time
const SLICE = 12; // milliseconds of work before the page may answer to keys
const $ = (id) => document.getElementById(id);
const form = $("form");
const list = $("list");
const status = $("status");
const box = form.elements.q;
const fields = [...form.elements].filter((one) => one.name);
const visit = marks.lastVisit(site.updated);

let state = {};
let found = [];
let points = new Map(); // of what was found, where the order is not by time
let wanted = [];
let limit = STEP;
let current = 0; // the number of the search; an older one stops
const drawn = new Map();

// State and address ---------------------------------------------------------------------------

function readAddress() {
  const given = new URLSearchParams(location.search);
  for (const field of fields) {
    let value = given.get(field.name) ?? "";
    if (field.type === "checkbox") field.checked = Boolean(value);
    else {
      // A month, 2026-08, is its first or its last day.
      if (field.type === "date" && /^\d{4}-\d\d$/.test(value)) {
        const [year, month] = value.split("-").map(Number);
        const day = field.name === "from" ? Date.UTC(year, month - 1) : Date.UTC(year, month, 0);
        value = new Date(day).toISOString().slice(0, 10);
      }
      if (field.options) addOptions(field, [value]);
      field.value = value;
    }
  }
  search();
}

const readForm = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));

/* While a search is being typed, its address replaces that of its beginning. */
let typed = 0;
function stateChanged(event) {
  const before = state.q ?? "";
  const now = box.value;
  const isTyping = event?.target === box && Date.now() - typed < 1500;
  const continues = now.startsWith(before) || before.startsWith(now);
  typed = event?.target === box ? Date.now() : 0;
  const given = new URLSearchParams(readForm());
  const address = given.size ? `?${given}` : location.pathname;
  if (address !== location.search) {
    history[isTyping && continues ? "replaceState" : "pushState"](null, "", address);
  }
  search();
}

// Search --------------------------------------------------------------------------------------

const pause = () =>
  globalThis.scheduler?.yield ? scheduler.yield() : new Promise((resolve) => setTimeout(resolve));

const passes = (paper) =>
  (!state.topic || paper.topics?.includes(state.topic)) &&
  (!state.venue || (state.venue === "*" ? paper.venue : paper.venue === state.venue)) &&
  (!state.from || paper.date.slice(0, 10) >= state.from) &&
  (!state.to || paper.date.slice(0, 10) <= state.to) &&
  (!state.code || paper.code) &&
  (!state.new || (visit && paper.seen > visit)) &&
  (!state.starred || marks.isStarred(paper.id)) &&
  (!state.unread || !marks.isRead(paper.id));

async function search() {
  const run = ++current;
  state = readForm();
  const tree = parse(state.q ?? "");
  const matches = matcher(tree);
  wanted = phrases(tree?.included);
  found = [];
  points = new Map();
  limit = STEP;
  drawn.clear();
  drawActive();
  $("hint").replaceChildren();
  status.removeAttribute("data-complete");
  const nearness = state.sort === "near" ? await loadJson(site.nearness).catch(() => ({})) : {};
  const rank = { best: (paper) => score(paper, wanted), near: (paper) => nearness[paper.id] ?? -1 }[state.sort];
  const pieces = site.pieces.filter(
    (piece) => !(state.from && piece.last < state.from) && !(state.to && piece.first > state.to),
  );
  let since = performance.now();
  // Without a search the page has thirty papers already, and keeps its height.
  let most = Object.keys(state).length ? FIRST : STEP;
  for (const [at, piece] of pieces.entries()) {
    let papers;
    try {
      papers = await loadPiece(piece);
    } catch (error) {
      if (run === current) failed(piece, error);
      return;
    }
    for (const next of pieces.slice(at + 1, at + 1 + AT_ONCE)) loadPiece(next).catch(() => {});
    for (const paper of papers) {
      if (run !== current) return;
      if (passes(paper) && matches(paper)) {
        found.push(paper);
        if (rank) points.set(paper, rank(paper));
      }
      const isLastOfFirst = at === 0 && paper === papers.at(-1);
      if (isLastOfFirst || performance.now() - since > SLICE) {
        draw(most, piece.last);
        if (found.length) most = STEP;
        await pause();
        since = performance.now();
      }
    }
  }
  if (run !== current) return;
  draw();
  await prepare(pieces, run);
  forgetOld();
}

/* Make the stems that no search has needed yet, so that the next key need not wait for them. */
async function prepare(pieces, run) {
  let since = performance.now();
  for (const piece of pieces) {
    for (const paper of await loadPiece(piece)) {
      if (run !== current) return;
      if (paper.stems && performance.now() - since > SLICE) {
        await pause();
        since = performance.now();
      }
    }
  }
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

/* Draw what was found; `reached` is the day back to which the search got, if it is not done. */
function draw(most = limit, reached = "") {
  found.sort((one, other) => (points.get(other) ?? 0) - (points.get(one) ?? 0) || newest(one, other));
  status.dataset.count = found.length;
  const of = reached ? `; searched back to ${reached} so far …` : ` of ${written(site.count)}`;
  status.textContent = `${count(found.length)}${of}`;
  drawList(most);
  if (reached) return;
  status.dataset.complete = "";
  drawHint();
  addOptions(form.elements.venue, found.map((paper) => paper.venue).filter(Boolean).sort());
  document.dispatchEvent(new Event("ZoteroItemUpdated", { bubbles: true }));
}

const newest = (one, other) =>
  one.date < other.date ? 1 : one.date > other.date ? -1 : one.id < other.id ? 1 : -1;

function drawList(most = limit) {
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
}

/* Words side by side are a phrase; who meant all of them anywhere gets that by a press. */
function drawHint() {
  const words = box.value.trim().split(/\s+/);
  if (words.length < 2 || !words.every((word) => /^[\p{L}\p{N}'’.+#][\p{L}\p{N}'’.+#-]*$/u.test(word))) return;
  const button = element("button", { type: "button" }, words.join(" & "));
  button.addEventListener("click", () => {
    box.value = button.textContent;
    stateChanged();
  });
  $("hint").replaceChildren("These words side by side. Anywhere in a paper: ", button);
}

function addOptions(field, values) {
  const known = new Set(Array.from(field.options, (option) => option.value));
  for (const value of new Set(values)) if (!known.has(value)) field.add(new Option(value));
}

function drawActive() {
  const active = Object.keys(state).filter((name) => name !== "q");
  $("active").textContent = active.length ? `(${active.length})` : "";
  if (active.length) $("filters").open = true;
  $("firstvisit").hidden = !state.new || Boolean(visit);
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
    await navigator.clipboard.writeText(paper.bibtex);
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
  marks.setStar(paper.id, !marks.isStarred(paper.id));
  drawStar(drawn.get(paper.id), paper);
  refilter();
}

/* What is no longer starred or unread leaves a list of these; what is read, when it is closed. */
function refilter() {
  if (!state.starred && !state.unread) return;
  const at = [...list.children].indexOf(document.activeElement?.closest("article"));
  found = found.filter(passes);
  draw();
  if (at >= 0 && document.activeElement === document.body) {
    list.children[Math.min(at, found.length - 1)]?.querySelector("h2 a").focus();
  }
}

function more() {
  if (found.length <= limit) return;
  limit += STEP;
  drawList();
}
$("more").addEventListener("click", more);
new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), {
  rootMargin: "600px",
}).observe($("more"));

// Export --------------------------------------------------------------------------------------

const lines = (all) => all.map((one) => `${one}\n`).join("");
const exports = {
  bibtex: ["papers.bib", () => lines(found.map((paper) => paper.bibtex))],
  seeds: ["seeds.txt", () => lines(marks.starred())],
  identifiers: ["papers.txt", () => lines(found.map((paper) => paper.id))],
  marks: ["daily-papers-marks.json", marks.exported],
};
$("export").addEventListener("click", ({ target }) => {
  const [name, text] = exports[target.dataset?.export] ?? [];
  if (!name) return;
  const url = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
});
$("import").addEventListener("change", async ({ target }) => {
  try {
    marks.bringBack(await target.files[0].text());
    search();
    $("what").textContent = "The stars are back.";
  } catch {
    $("what").textContent = "This file has no stars that this page exported.";
  }
});

// Keys ----------------------------------------------------------------------------------------

function move(step) {
  const titles = [...list.querySelectorAll("h2 a")];
  const here = titles.findIndex((title) => title.closest("article").contains(document.activeElement));
  if (here + step < 0) box.focus();
  else titles[Math.min(here + step, titles.length - 1)]?.focus();
  if (here + step >= titles.length - 2) more();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key } = event;
  const inSearch = target === box;
  if (target.matches?.("input, select, textarea") && !(inSearch && ["ArrowDown", "Escape"].includes(key))) return;
  const paper = paperOf(target);
  const actions = {
    "/": () => box.focus(),
    Escape: () => (inSearch ? target.blur() : box.focus()),
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

form.addEventListener("input", (event) => event.target.name && stateChanged(event));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  typed = 0;
});
$("clear").addEventListener("click", () => {
  const query = box.value;
  form.reset();
  box.value = query;
  stateChanged();
});
addEventListener("popstate", readAddress);
addOptions(form.elements.topic, site.topics);
if (!site.nearness) form.elements.sort.querySelector("[value=near]").remove();
readAddress();
if ("serviceWorker" in navigator) addEventListener("load", () => navigator.serviceWorker.register("sw.js"));

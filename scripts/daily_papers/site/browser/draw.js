/* Make the element of a paper. Texts become text nodes, and never markup. */
import { isRead, isStarred } from "./marks.js";
import { site } from "./papers.js";
import { places, present } from "./query.js";
import { nameLine } from "./words.js";

const mathml = "http://www.w3.org/1998/Math/MathML";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}

function formula([name, ...inner]) {
  const made = document.createElementNS(mathml, name);
  for (const one of inner) {
    if (Array.isArray(one)) made.append(formula(one));
    else if (typeof one === "string") made.append(one);
    else for (const [key, value] of Object.entries(one)) made.setAttribute(key, value);
  }
  return made;
}

/* Return the nodes of a text of a paper, with what was searched for marked, and its formulas. */
function shown(paper, field, wanted) {
  const found = present(paper, wanted, field);
  const parts = [paper[field] ?? ""].flat();
  return parts.flatMap((one) => (Array.isArray(one) ? [formula(one)] : marked(one, found)));
}

function marked(text, wanted) {
  const nodes = [];
  let at = 0;
  for (const [start, end] of places(text, wanted)) {
    if (start < at) continue;
    nodes.push(text.slice(at, start), element("mark", {}, text.slice(start, end)));
    at = end;
  }
  return [...nodes, text.slice(at)];
}

const link = (text, url, attributes) =>
  /^https?:\/\//.test(url) ? element("a", { href: url, rel: "noreferrer", ...attributes }, text) : text;

const joined = (parts, between) => parts.flatMap((part, at) => (at ? [between, part] : [part]));

/* Zotero reads this: https://www.zotero.org/support/dev/exposing_metadata/coins */
function coins(paper, title) {
  const facts = new URLSearchParams([
    ["ctx_ver", "Z39.88-2004"],
    ["rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"],
    ["rft.type", "preprint"],
    ["rft.title", title],
    ...(paper.authors ?? []).slice(0, 100).map((name) => ["rft.creator", name]),
    ["rft.date", paper.date.slice(0, 10)],
    ["rft.identifier", `https://arxiv.org/abs/${paper.id}`],
    ["rft.publisher", "arXiv"],
  ]);
  return element("span", { class: "Z3988", title: facts.toString() });
}

/* Return the article of a paper; `wanted` are the phrases to mark. */
export function article(paper, wanted) {
  const heading = element("h2", {}, link("", `https://arxiv.org/abs/${paper.id}v${paper.v}`, { class: "title" }));
  heading.firstChild.append(...shown(paper, "title", wanted));
  const plain = heading.textContent;
  const authors = paper.authors ?? [];
  const named = present(paper, wanted, "author");
  const isMarked = (name) => named.some((one) => one.hasName(nameLine(name)));
  const few = authors.filter((name, at) => at < 6 || isMarked(name));
  const names = few.map((name) => (isMarked(name) ? element("mark", {}, name) : name));
  if (few.length < authors.length) names.push(`… (${authors.length})`);
  const date = paper.date.slice(0, 10);
  const facts = [
    element("time", { datetime: date }, date),
    paper.revised && `v${paper.v}, ${paper.revised}`,
    paper.withdrawn && element("span", { class: "chip" }, "⛔ withdrawn"),
    paper.venue && element("span", { class: "chip" }, paper.venue),
    ...(paper.topics ?? []).map((name) => element("span", { class: "chip" }, name)),
    link("PDF", `https://arxiv.org/pdf/${paper.id}v${paper.v}`, { "aria-label": `PDF of ${plain}` }),
    ...(paper.code ?? []).map((url, at) =>
      link(at ? `Code ${at + 1}` : "Code", url, { "aria-label": `Code ${at + 1} of ${plain}` }),
    ),
  ].filter(Boolean);
  const made = element(
    "article",
    { "data-paper": paper.id, class: isRead(paper.id) ? "read" : undefined },
    heading,
    byModel(paper.translation, paper),
    element("button", { type: "button", class: "star", "aria-label": `Star ${plain}` }),
    element("p", { class: "authors" }, ...joined(names, ", ")),
    element("p", { class: "facts" }, ...joined(facts, " · ")),
    element("details", {}, element("summary", { "aria-label": `Abstract of ${plain}` }, "Abstract")),
    coins(paper, plain),
  );
  drawStar(made, paper);
  return made;
}

export function drawStar(made, paper) {
  const star = made.querySelector(".star");
  star.ariaPressed = String(isStarred(paper.id));
  star.textContent = isStarred(paper.id) ? "★" : "☆";
}

const byModel = (text, paper) =>
  text && element("p", { lang: site.language }, text, element("span", { class: "facts" }, ` (${paper.model})`));

/* Add what the opened details of a paper show. */
export function fillDetails(details, paper, wanted) {
  if (details.children.length > 1) return;
  const comment = paper.comment ? ["Comment: ", ...shown(paper, "comment", wanted)] : [];
  details.append(
    // Formulas may be wider than a phone: the keyboard can scroll them.
    element(
      "p",
      { class: "abstract", tabindex: Array.isArray(paper.abstract) ? 0 : undefined },
      ...shown(paper, "abstract", wanted),
    ),
    byModel(paper.summary, paper) ?? "",
    element("p", { class: "facts" }, ...comment),
    element("p", { class: "facts" }, `arXiv:${paper.id}v${paper.v} · ${(paper.categories ?? []).join(" ")}`),
    element("button", { type: "button", class: "cite" }, "Copy BibTeX"),
  );
}

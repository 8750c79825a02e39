/* Parse what is searched for, in the syntax of keywords.txt, and test papers for it.

   expression = all ("|" all)*      all = item (["&"] item)*
   item       = [field] (words | quoted | "(" expression ")")      exclusion = "-" item
*/
import { locatedTerms, nameWords, phraseTerms } from "./words.js";

const token = new RegExp(
  [
    /"(?<quoted>[^"]*)"?/,
    /(?<sign>[|&()])/,
    /(?<=^|[\s|&(])(?<minus>-)(?=[\p{L}\p{N}"(])/,
    /(?<field>title|abstract|author|comment)\s*:/,
    // R&D is a name.
    /(?<word>(?<![^\s|&("-])\p{L}{1,2}(?:&\p{L}{1,2})+(?![^\s|&)",.-])|[^\s"|&()]+)/,
  ]
    .map((one) => one.source)
    .join("|"),
  "giu",
);
const capitals = { AND: "&", OR: "|", NOT: "minus", ANDNOT: "minus" };
// Keyboards of phones, and Chinese and Japanese ones, write other signs.
const signs = { "“": '"', "”": '"', "„": '"', "＂": '"', "｜": "|", "＆": "&", "（": "(", "）": ")", "：": ":" };

/* Return the tree of a search, or null if it asks for nothing. Any text has one. */
export function parse(text) {
  const plain = text.replace(/[“”„＂｜＆（）：]/g, (one) => signs[one]);
  const tokens = Array.from(plain.matchAll(token), ({ groups: found }) => {
    if (found.quoted !== undefined) return { kind: "quoted", text: found.quoted };
    if (found.sign) return { kind: found.sign };
    if (found.minus) return { kind: "minus" };
    if (found.field) return { kind: "field", text: found.field.toLowerCase() };
    return { kind: capitals[found.word] ?? "word", text: found.word };
  });
  let at = 0;
  const next = () => tokens[at]?.kind ?? "end";
  const excluded = [];

  const any = (field) => {
    const parts = [all(field)];
    while (next() === "|") {
      at += 1;
      parts.push(all(field));
    }
    return combine("or", parts);
  };
  const all = (field) => {
    const parts = [];
    while (!["|", ")", "end"].includes(next())) {
      if (next() === "&") at += 1;
      else if (next() === "minus") {
        at += 1;
        const part = item(field);
        if (part) excluded.push(part);
      } else parts.push(item(field));
    }
    return combine("and", parts);
  };
  const item = (field) => {
    while (next() === "field") field = tokens[at++].text;
    if (next() === "(") {
      at += 1;
      const inner = any(field);
      if (next() === ")") at += 1;
      return inner;
    }
    if (next() === "quoted") return phrase(tokens[at++].text, field);
    const words = [];
    while (next() === "word") words.push(tokens[at++].text);
    return words.length ? phrase(words.join(" "), field) : null;
  };
  const parts = [];
  while (next() !== "end") {
    if (next() === ")") at += 1;
    else parts.push(any(""));
  }
  const included = combine("and", parts);
  return included || excluded.length ? { included, excluded } : null;
}

function combine(kind, parts) {
  const found = parts.filter(Boolean);
  return found.length > 1 ? { kind, parts: found } : (found[0] ?? null);
}

function phrase(text, field) {
  const wanted = phraseTerms(text);
  const name = nameWords(text);
  const id = /(\d{4}\.\d{4,5}|[a-z-]+\/\d{7})(?:v\d+)?(?:\.pdf)?$/i.exec(text)?.[1];
  if (!wanted && !name.length && !id) return null;
  return { kind: "phrase", field, wanted, id, has: finder(wanted), hasName: nameFinder(name) };
}

/* Return a function that tests the stems of a text for a phrase's; a stop word is any one word. */
function finder(wanted) {
  if (!wanted) return () => false;
  if (!wanted.includes("  ")) {
    const joined = ` ${wanted} `;
    return (stems) => stems.includes(joined);
  }
  const escaped = wanted.split(" ").map((one) => one.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&") || "[^ \\n]*");
  const pattern = new RegExp(` ${escaped.join(" ")} `);
  return (stems) => pattern.test(stems);
}

/* Return a function that tests whether one of the names, a line each, has all words of another. */
function nameFinder(name) {
  if (!name.length) return () => false;
  const words = name.map((word) => ` ${word} `);
  return (names) =>
    names.includes(words[0]) &&
    (words.length === 1 || names.split("\n").some((one) => words.every((word) => one.includes(word))));
}

/* Whether a paper has a phrase in one of its fields. */
function isIn(paper, one, field) {
  if (field === "author") return one.hasName(paper.names);
  return one.has(paper.stems.split("\n")[["title", "abstract", "comment"].indexOf(field)]);
}

/* Return a function that tells whether a paper has what a part of the tree asks for. */
function test(node) {
  if (node.field) return (paper) => isIn(paper, node, node.field);
  if (node.kind === "phrase") {
    return (paper) => node.has(paper.stems) || node.hasName(paper.names) || paper.id === node.id;
  }
  const tests = node.parts.map(test);
  return node.kind === "or"
    ? (paper) => tests.some((one) => one(paper))
    : (paper) => tests.every((one) => one(paper));
}

/* Return a function that tells whether a paper is found. */
export function matcher(tree) {
  if (!tree) return () => true;
  const isIncluded = tree.included ? test(tree.included) : () => true;
  const excluded = tree.excluded.map(test);
  return (paper) => isIncluded(paper) && !excluded.some((one) => one(paper));
}

/* Return the phrases that a found paper may have, for marks and for the order "best". */
export function phrases(node) {
  if (!node) return [];
  return node.kind === "phrase" ? [node] : node.parts.flatMap(phrases);
}

/* Return those of the phrases that a paper has in a field: most marks are asked for in vain. */
export const present = (paper, wanted, field) =>
  wanted.filter((one) => (!one.field || one.field === field) && isIn(paper, one, field));

/* Return how well a paper fits: where the phrases stand, and how often in the abstract. */
export function score(paper, wanted) {
  const abstract = paper.stems.split("\n")[1];
  const points = wanted.map((one) => {
    const often = one.wanted ? abstract.split(` ${one.wanted} `).length - 1 : 0;
    return 5 * isIn(paper, one, "title") + 4 * isIn(paper, one, "author") + Math.min(3, often);
  });
  return points.reduce((sum, one) => sum + one, 0);
}

/* Return the [start, end] of each place of a text where one of the phrases stands. */
export function places(text, wanted) {
  const located = wanted.length ? locatedTerms(text) : [];
  const found = [];
  for (const one of wanted.filter((one) => one.wanted)) {
    const stems = one.wanted.split(" ");
    for (let at = 0; at + stems.length <= located.length; at += 1) {
      if (stems.every((stem, step) => !stem || located[at + step][0] === stem)) {
        found.push([located[at][1], located[at + stems.length - 1][2]]);
      }
    }
  }
  return found.sort((one, other) => one[0] - other[0] || other[1] - one[1]);
}

/* Split text into stems, as topics/words_and_stems.py does; tables.js is written from that. */
import tables from "./tables.js";

const stopWords = new Set(tables.stopWords);
const compiled = (classes) =>
  new RegExp(tables.pattern.replace(/\\p\{[^}]+\}/g, (name) => classes[name]), "gu");
const asciiWord = compiled(tables.asciiClasses);
let anyWord = null; // large, and most texts are ASCII
const isAscii = (text) => !/[^\0-\x7f]/.test(text);

function wordsOf(lowered) {
  if (isAscii(lowered)) return lowered.matchAll(asciiWord);
  anyWord ??= compiled(tables.classes);
  return lowered.matchAll(anyWord);
}

/* In lower case and of the same length, as Java does it. */
const lower = (text) =>
  isAscii(text) ? text.toLowerCase() : text.replace(/\u0130/g, "i").replace(/\u03a3/g, "\u03c3").toLowerCase();

const withoutAccents = (text) =>
  isAscii(text)
    ? text
    : text.normalize("NFD").replace(/([A-Za-z])[\u0300-\u036f]+/g, "$1").normalize("NFC");

function termOf(word) {
  const owner = tables.possessives.find((end) => word.endsWith(end));
  if (owner) word = word.slice(0, -owner.length);
  return stopWords.has(word) ? "" : stem(word);
}

const termsOfPiece = new Map();

/* Return the stems of a text with a blank before and after each, none in place of a stop word. */
export function terms(text) {
  const joined = [" "];
  // No word goes over a blank, and most pieces between blanks occur again and again.
  for (const piece of text.split(/[ \n]+/)) {
    let found = termsOfPiece.get(piece);
    if (found === undefined) {
      found = "";
      for (const [word] of wordsOf(lower(withoutAccents(piece)))) found += `${termOf(word)} `;
      if (termsOfPiece.size > 200_000) termsOfPiece.clear();
      termsOfPiece.set(piece, found);
    }
    joined.push(found);
  }
  return joined.join("");
}

/* Return the stems of a phrase that is searched for, without stop words at its ends. */
export const phraseTerms = (text) => terms(text).trim();

/* Return [stem, start, end] for each word of a text. */
export const locatedTerms = (text) =>
  Array.from(wordsOf(lower(text)), (match) => [
    termOf(withoutAccents(match[0])),
    match.index,
    match.index + match[0].length,
  ]);

const dropped = new Set(tables.droppedSigns);

/* Return the words of an author's name with a blank before and after each. */
export const nameLine = (name) => ` ${nameWords(name).join(" ")} `;

/* Return the words of an author's name; all words of a wanted name must be among them. */
export function nameWords(name) {
  let text = name;
  if (/[.,;^`]/.test(text) || !isAscii(text)) text = [...text].filter((one) => !dropped.has(one)).join("");
  text = text.toLowerCase();
  if (!isAscii(text)) {
    text = text.replaceAll("ß", "ss").normalize("NFKD").replace(/\p{Mn}/gu, "");
    text = Array.from(text, (one) => tables.foldedLetters[one] ?? one).join("");
  }
  text = text.replace(/(?<=[ao])e|(?<=(?<![aeiouqy])u)e/g, "").replace(/(a)[aeo]|(o)[eo]/g, "$1$2");
  return text.split(/\s+/).filter(Boolean);
}

/* Porter's stemmer, as his own program and Lucene have it: tartarus.org/martin/PorterStemmer/. */
const endings = (text) => text.split(" ").map((pair) => pair.split(">"));
const second = endings(
  "ational>ate ization>ize iveness>ive fulness>ful ousness>ous tional>tion biliti>ble entli>ent " +
    "ousli>ous ation>ate alism>al aliti>al iviti>ive enci>ence anci>ance izer>ize alli>al ator>ate " +
    "logi>log bli>ble eli>e",
);
const third = endings("icate>ic ative> alize>al iciti>ic ical>ic ness> ful>");
const fourth = endings(
  "ement> ance> ence> able> ible> ment> ant> ent> ion> ism> ate> iti> ous> ive> ize> al> er> ic> ou>",
);

/* One letter for each character: c for a consonant, v for a vowel. */
function shape(word) {
  let found = "";
  for (const letter of word) {
    const vowel = "aeiou".includes(letter) || (letter === "y" && found.endsWith("c"));
    found += vowel ? "v" : "c";
  }
  return found;
}

const measure = (word) => shape(word).split("vc").length - 1;
const isShort = (word) => shape(word).endsWith("cvc") && !/[wxy]$/.test(word);

function replaced(word, pairs, least) {
  for (const [ending, replacement] of pairs) {
    if (word.endsWith(ending)) {
      const rest = word.slice(0, -ending.length);
      return measure(rest) > least ? rest + replacement : word;
    }
  }
  return word;
}

function withoutInflection(word) {
  if (/(?:sses|ies)$/.test(word)) word = word.slice(0, -2);
  else if (/(?:[^s]|^)s$/.test(word)) word = word.slice(0, -1);
  if (word.endsWith("eed")) return measure(word.slice(0, -3)) ? word.slice(0, -1) : word;
  const rest = word.replace(/(?:ing|ed)$/, "");
  if (rest === word || !shape(rest).includes("v")) return word;
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  const [last, before] = [...rest].reverse();
  if (last === before && shape(rest).endsWith("c")) {
    return "lszy".includes(last) ? rest : rest.slice(0, -last.length);
  }
  return measure(rest) === 1 && isShort(rest) ? `${rest}e` : rest;
}

export function stem(word) {
  if ([...word].length <= 2) return word;
  word = withoutInflection(word);
  if (word.endsWith("y") && shape(word.slice(0, -1)).includes("v")) word = `${word.slice(0, -1)}i`;
  word = replaced(replaced(word, second, 0), third, 0);
  if (!word.endsWith("ion") || /[st]ion$/.test(word)) word = replaced(word, fourth, 1);
  const count = measure(word);
  if (word.endsWith("e") && (count > 1 || (count === 1 && !isShort(word.slice(0, -1))))) {
    word = word.slice(0, -1);
  }
  return word.endsWith("ll") && count > 1 ? word.slice(0, -1) : word;
}

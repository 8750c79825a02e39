/* What the reader keeps in this browser: stars, what was read, and when the last visit was. */
const key = "daily-papers";

function load() {
  let found = {};
  try {
    found = JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    // Storage is switched off, or holds something else.
  }
  const times = (one) => (typeof one === "object" && one) || {};
  return { ...found, stars: times(found.stars), read: times(found.read) };
}

let kept = load();
// The page in another tab has changed them.
addEventListener("storage", (event) => event.key === key && (kept = load()));

function save() {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // Without storage, marks last as long as the page.
  }
}

export const isStarred = (id) => Object.hasOwn(kept.stars, id);
export const isRead = (id) => Object.hasOwn(kept.read, id);
export const starred = () => Object.keys(kept.stars);

export function setStar(id, on) {
  if (on) kept.stars[id] = new Date().toISOString();
  else delete kept.stars[id];
  save();
}

export function setRead(id) {
  kept.read[id] ??= new Date().toISOString();
  save();
}

/* Return the night whose papers the last visit saw, and note that this one sees those of `night`. */
export function lastVisit(night) {
  if (kept.sees !== night) {
    kept.saw = kept.sees;
    kept.sees = night;
    save();
  }
  return kept.saw ?? "";
}

export const exported = () => JSON.stringify({ stars: kept.stars, read: kept.read }, null, 1);

/* Add the marks of a file that `exported` wrote. Throws for any other. */
export function bringBack(text) {
  const { stars, read } = JSON.parse(text);
  const all = [...Object.entries(stars), ...Object.entries(read)];
  if (!all.every(([id, time]) => /^[\w./-]+$/.test(id) && !isNaN(Date.parse(time)))) throw new Error("not marks");
  Object.assign(kept.stars, stars);
  Object.assign(kept.read, read);
  save();
}

/* Load the papers, newest first, each piece once; keep what was loaded for later and offline. */
import { nameLine, terms } from "./words.js";

export const site = JSON.parse(document.getElementById("site").textContent);

/* A paper; what is searched of it is made when it is first needed. */
class Paper {
  #stems;
  #names;
  constructor(facts) {
    Object.assign(this, facts);
  }
  /* The stems of title, abstract and comment, a line each. */
  get stems() {
    const texts = [this.title, this.abstract ?? "", this.comment ?? ""];
    return (this.#stems ??= texts.map((text, at) => terms(this.searched?.[at] ?? text)).join("\n"));
  }
  /* The words of the authors' names, a line each. */
  get names() {
    return (this.#names ??= (this.authors ?? []).map(nameLine).join("\n"));
  }
}

const newest = site.newest.map((facts) => new Paper(facts));
const isNewest = new Set(newest.map((paper) => paper.id));
const dates = newest.map((paper) => paper.date.slice(0, 10));
const first = { first: dates.at(-1) ?? "", last: dates[0] ?? "" };
const loading = new Map([[first, Promise.resolve(newest)]]);
site.pieces.unshift(first);

/* Return the papers of a piece, without those that the page itself has. */
export function loadPiece(piece) {
  let papers = loading.get(piece);
  if (!papers) {
    papers = loadJson(piece.path).then((all) =>
      all.filter((facts) => !isNewest.has(facts.id)).map((facts) => new Paper(facts)),
    );
    loading.set(piece, papers);
    papers.catch(() => loading.delete(piece)); // another search may try again
  }
  return papers;
}

const cached = () => globalThis.caches?.open("daily-papers-data").catch(() => undefined);

/* Return the JSON of a file whose name tells its content, from the cache if it is there. */
export async function loadJson(path) {
  const cache = await cached();
  const kept = await cache?.match(path);
  const answer = kept ?? (await fetch(path));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const copy = kept ? undefined : answer.clone();
  const content = await unpacked(answer);
  if (copy) await cache?.put(path, copy).catch(() => {}); // full, or not allowed
  return content;
}

async function unpacked(answer) {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  // Some servers say that such a file is compressed, and the browser has unpacked it.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return JSON.parse(new TextDecoder().decode(bytes));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

/* Remove what no piece needs any more. */
export async function forgetOld() {
  const cache = await cached();
  const known = new Set([site.nearness, ...site.pieces.map((piece) => piece.path)]);
  for (const request of (await cache?.keys()) ?? []) {
    const path = new URL(request.url).pathname.split("/").slice(-2).join("/");
    if (!known.has(path)) await cache.delete(request);
  }
}

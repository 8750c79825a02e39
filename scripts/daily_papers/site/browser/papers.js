/* Load the papers, newest first, each piece once; keep what was loaded for later and offline. */
import { nameWords, terms } from "./words.js";

export const site = JSON.parse(document.getElementById("site").textContent);
const loading = new Map();
const cacheName = "daily-papers-data";
const cached = () => globalThis.caches?.open(cacheName).catch(() => undefined);

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

/* Return the papers of a piece, each with the stems and the names that are searched. */
export function loadPiece(piece) {
  let papers = loading.get(piece);
  if (!papers) {
    papers = loadJson(piece.papers).then((found) => found.map((one) => prepared(one, piece)));
    loading.set(piece, papers);
    papers.catch(() => loading.delete(piece)); // another search may try again
  }
  return papers;
}

function prepared(paper, piece) {
  const texts = [paper.title, paper.abstract ?? "", paper.comment ?? ""];
  paper.stems = texts.map((text, at) => terms(paper.searched?.[at] ?? text)).join("\n");
  paper.names = `|${(paper.authors ?? []).map((name) => ` ${nameWords(name).join(" ")} `).join("|")}|`;
  paper.piece = piece;
  return paper;
}

/* Remove what no piece needs any more. */
export async function forgetOld() {
  const cache = await cached();
  const known = new Set([site.nearness, ...site.pieces.flatMap((piece) => [piece.papers, piece.references])]);
  for (const request of (await cache?.keys()) ?? []) {
    const path = new URL(request.url).pathname.split("/").slice(-2).join("/");
    if (!known.has(path)) await cache.delete(request);
  }
}

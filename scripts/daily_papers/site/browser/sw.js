/* Keep the page and its code for later and offline; papers.js keeps the data. */
const version = "{version}";
const files = {files};

self.addEventListener("install", (event) => {
  const keep = async () => (await caches.open(version)).addAll(files);
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("daily-papers-code") && name !== version;
  const clear = async () => Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
  event.waitUntil(clear().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(newestPage(request));
  else event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
});

/* The page of this night, or without a connection that of the last visit. */
async function newestPage(request) {
  const cache = await caches.open(version);
  try {
    const answer = await fetch(request);
    const isPage = new URL(request.url).pathname === new URL("./", location).pathname;
    if (answer.ok && isPage) await cache.put("./", answer.clone());
    return answer;
  } catch {
    return (await cache.match("./")) ?? Response.error();
  }
}

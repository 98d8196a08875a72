// The article's page: what was read from a passage is shown beside it, with lines to where inherited values stand.
// Without this script the same links open the same evidence, a page at a time. Nothing here makes HTML of data.
"use strict";
(() => {
  const text = document.getElementById("text");
  const panel = document.getElementById("panel");
  const facets = document.querySelector("details.facets");
  if (facets && window.matchMedia("(max-width: 1000px)").matches) facets.open = false;
  for (const plot of document.querySelectorAll(".plot")) {
    const today = plot.querySelector(".today");
    if (today) plot.scrollLeft += today.getBoundingClientRect().left - plot.getBoundingClientRect().left - plot.clientWidth / 2;
  }
  if (!text || !panel) return;

  const pieces = Array.from(text.querySelectorAll("[data-s]"), (node) => ({
    node, start: Number(node.dataset.s), end: Number(node.dataset.e),
  }));
  const lines = text.querySelector("svg.lines");
  const kept = new Map();
  let marked = [];
  let wanted = "";
  let pinned = "";

  // The pieces of the text's [start, end), by bisection: an article may have thousands.
  function within(start, end) {
    let low = 0, high = pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pieces[middle].end <= start) low = middle + 1; else high = middle;
    }
    const found = [];
    for (; low < pieces.length && pieces[low].start < end; low++) found.push(pieces[low].node);
    return found;
  }

  function clear() {
    for (const node of marked) node.classList.remove("on", "from", "cue");
    marked = [];
    lines.replaceChildren();
  }

  function shape(name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    lines.append(made);
  }

  function place(node) {
    const box = node.getClientRects()[0] || node.getBoundingClientRect();
    const frame = text.getBoundingClientRect();
    return { x: box.left - frame.left + Math.min(box.width, 40) / 2, top: box.top - frame.top, bottom: box.bottom - frame.top };
  }

  function line(from, to) {
    const a = place(from), b = place(to);
    const below = b.top >= a.bottom;
    const [ay, by] = below ? [a.bottom, b.top] : b.bottom <= a.top ? [a.top, b.bottom] : [a.bottom, b.bottom];
    const bend = below || b.bottom <= a.top ? (by - ay) / 2 : 18;
    shape("path", { d: `M${a.x} ${ay} C${a.x} ${ay + bend} ${b.x} ${below || b.bottom <= a.top ? by - bend : by + bend} ${b.x} ${by}` });
    shape("circle", { cx: b.x, cy: by, r: 3 });
  }

  function mark() {
    clear();
    const evidence = panel.querySelector("[data-spans]");
    if (!evidence) return;
    let first = null;
    for (const [start, end, what] of JSON.parse(evidence.dataset.spans)) {
      const nodes = within(start, end);
      const kind = what === "row" ? "on" : what === "cue" ? "cue" : "from";
      for (const node of nodes) node.classList.add(kind);
      marked.push(...nodes);
      if (what === "row") first = nodes[0];
      else if (what !== "cue" && first && nodes[0]) line(first, nodes[0]);
    }
  }

  async function fetched(key) {
    if (!kept.has(key)) {
      const answer = await fetch(text.dataset.rows + encodeURIComponent(key));
      if (!answer.ok) throw new Error(String(answer.status));
      kept.set(key, await answer.text());
    }
    return kept.get(key);
  }

  async function show(key) {
    if (wanted === key) return;
    wanted = key;
    const late = setTimeout(() => { panel.setAttribute("aria-busy", "true"); panel.textContent = text.dataset.loading; }, 150);
    try {
      const html = await fetched(key);
      if (wanted !== key) return;
      clearTimeout(late);
      // The server's own template, escaped there; a parsed document runs no script.
      const parsed = new DOMParser().parseFromString(html, "text/html");
      panel.replaceChildren(...parsed.body.childNodes);
      panel.scrollTop = 0;
      mark();
    } catch {
      clearTimeout(late);
      if (wanted === key) { wanted = ""; panel.textContent = text.dataset.failed; }
    } finally {
      clearTimeout(late);
      panel.removeAttribute("aria-busy");
    }
  }

  function pin(key) {
    pinned = key;
    const address = new URL(location.href);
    address.searchParams.set("row", key);
    address.hash = "";
    history.replaceState(null, "", address);
    return show(key);
  }

  function leadTo(start) {
    const node = within(start, start + 1)[0];
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    node.classList.add("flash");
    setTimeout(() => node.classList.remove("flash"), 1500);
  }

  // From row to row: its words come into sight, and the way on stays under the finger.
  function toRow() {
    const node = text.querySelector(".on");
    if (node) node.scrollIntoView({ block: "center" });
    const next = panel.querySelector("a[rel=next]") || panel.querySelector("a[rel=prev]");
    if (next) next.focus({ preventScroll: true });
  }

  const keyAt = (event) => event.target.closest && event.target.closest("a[data-key]");
  let resting = 0;
  text.addEventListener("pointerover", (event) => {
    const link = keyAt(event);
    clearTimeout(resting);
    if (link && event.pointerType === "mouse" && !pinned) resting = setTimeout(() => show(link.dataset.key), 120);
  });
  document.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    const link = keyAt(event);
    if (link) {
      event.preventDefault();
      const within = panel.contains(link);
      pin(link.dataset.key).then(() => { if (within) toRow(); });
      return;
    }
    const there = event.target.closest && event.target.closest("a[data-at]");
    if (there) { event.preventDefault(); leadTo(Number(there.dataset.at)); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") pinned = "";
  });
  window.addEventListener("resize", mark);
  const given = panel.querySelector("[data-key]");
  if (given) {
    wanted = pinned = given.dataset.key;
    mark();
    const node = text.querySelector(".on");
    if (node) node.scrollIntoView({ block: "center" });
  }
})();


"use strict";
(() => {
  const svg = document.querySelector("svg.pdns-map"), view = document.querySelector(".picture");
  const rows = [...document.querySelectorAll("#nodes tbody tr")];
  const boxes = [...svg.querySelectorAll(".node[data-node]")], edges = [...svg.querySelectorAll(".edges .edge")];
  for (const t of document.querySelectorAll(".tools")) t.hidden = false;

  // Boxes by the nodes that they stand for, and lines by the boxes at their ends.
  const boxOf = new Map(), lines = new Map(boxes.map(b => [b, []]));
  for (const b of boxes) for (const i of b.dataset.node.split(" ")) boxOf.set(i, b);
  for (const e of edges) {
    const a = boxOf.get(e.dataset.from), b = boxOf.get(e.dataset.to);
    lines.get(a).push([e, b]);
    lines.get(b).push([e, a]);
  }

  // What a box is bound to.
  let lit = [];
  const dark = () => {
    for (const e of lit) e.classList.remove("lit");
    lit = [];
    svg.classList.remove("look");
  };
  const light = box => {
    dark();
    lit = [box, ...lines.get(box).flat()];
    for (const e of lit) e.classList.add("lit");
    svg.classList.add("look");
  };
  const show = row => {
    for (const r of rows) r.classList.remove("here");
    row.classList.add("here");
  };
  const toRow = box => {
    const row = rows.find(r => r.id === "node-" + box.dataset.node.split(" ")[0]);
    row.hidden = false;
    show(row);
    row.scrollIntoView({block: "center"});
  };
  let moved = false;
  for (const b of boxes) {
    b.addEventListener("pointerenter", () => light(b));
    b.addEventListener("pointerleave", dark);
    b.addEventListener("focus", () => light(b));
    b.addEventListener("blur", dark);
    b.addEventListener("click", () => moved || toRow(b));
    b.addEventListener("keydown", e => e.key === "Enter" && toRow(b));
  }
  for (const r of rows) {
    const cell = r.querySelector("th"), b = document.createElement("button");
    b.type = "button";
    b.title = "show in the picture";
    b.append(...cell.childNodes);
    cell.append(b);
    b.addEventListener("click", () => {
      const box = boxOf.get(r.id.slice(5));
      show(r);
      box.scrollIntoView({block: "center", inline: "center"});
      light(box);
    });
  }

  // Size and place of the picture.
  const [width, height] = svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
  let scale = 1;
  const zoom = (to, x, y) => {
    const next = Math.min(4, Math.max(0.05, to)), at = view.getBoundingClientRect();
    x = x === undefined ? at.width / 2 : x - at.left;
    y = y === undefined ? at.height / 2 : y - at.top;
    const left = (view.scrollLeft + x) / scale, top = (view.scrollTop + y) / scale;
    scale = next;
    svg.setAttribute("width", width * scale);
    svg.setAttribute("height", height * scale);
    view.scrollTo(left * scale - x, top * scale - y);
  };
  for (const b of document.querySelectorAll("[data-zoom]")) b.addEventListener("click", () => {
    const to = b.dataset.zoom;
    zoom(to === "fit" ? Math.min(view.clientWidth / width, innerHeight * 0.84 / height) : to === "full" ? 1 : scale * to);
  });
  view.addEventListener("wheel", e => {
    if (!e.ctrlKey) return;
    e.preventDefault();
    zoom(scale * Math.exp(-e.deltaY / 300), e.clientX, e.clientY);
  }, {passive: false});
  let from = null;
  view.addEventListener("pointerdown", e => {
    if (e.button || e.pointerType !== "mouse") return; // fingers scroll by themselves
    from = [e.clientX + view.scrollLeft, e.clientY + view.scrollTop, e.clientX, e.clientY];
    moved = false;
  });
  addEventListener("pointermove", e => {
    if (!from) return;
    moved = moved || Math.hypot(e.clientX - from[2], e.clientY - from[3]) > 4;
    view.classList.toggle("drag", moved);
    if (moved) view.scrollTo(from[0] - e.clientX, from[1] - e.clientY);
  });
  addEventListener("pointerup", () => {
    from = null;
    view.classList.remove("drag");
  });
  const seed = svg.querySelector(".seed[data-node]");
  if (seed) { // in the middle, as far as there is room
    const at = seed.getBoundingClientRect(), of = view.getBoundingClientRect();
    view.scrollTop = at.top - of.top + at.height / 2 - of.height / 2;
  }

  // The table.
  const input = document.querySelector("input[type=search]"), said = document.querySelector("output");
  const texts = rows.map(r => r.textContent.toLowerCase());
  input.addEventListener("input", () => {
    const want = input.value.toLowerCase().trim().split(/\s+/), seen = new Set();
    let n = 0;
    rows.forEach((r, i) => {
      r.hidden = !want.every(w => texts[i].includes(w));
      if (r.hidden) return;
      n++;
      seen.add(boxOf.get(r.id.slice(5)));
    });
    for (const b of boxes) b.classList.toggle("off", !seen.has(b));
    said.textContent = n + " of " + rows.length + " nodes";
  });
  const body = document.querySelector("#nodes tbody"), heads = [...document.querySelectorAll("#nodes thead th")];
  heads.forEach((h, column) => {
    const b = document.createElement("button"), number = h.classList.contains("n");
    b.type = "button";
    b.append(...h.childNodes);
    h.append(b);
    b.addEventListener("click", () => {
      const down = h.getAttribute("aria-sort") === (number ? null : "ascending") || (number && h.getAttribute("aria-sort") !== "descending");
      for (const o of heads) o.removeAttribute("aria-sort");
      h.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = r => {
        const c = r.cells[column], v = c.dataset.v ?? c.textContent;
        return number ? Number(v) : v;
      };
      const keys = new Map(rows.map(r => [r, value(r)]));
      const order = [...rows].sort((x, y) => {
        const a = keys.get(x), b = keys.get(y);
        return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
      });
      body.append(...order);
    });
  });
})();


"use strict";
// Buttons that copy a table as tab-separated text, or a list; without scripts there are none.
function copy(text, button) {
  const done = () => { button.textContent = "Copied"; setTimeout(() => { button.textContent = "Copy"; }, 2000); };
  const byHand = () => {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    if (document.execCommand("copy")) done();
    area.remove();
    button.focus();
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand); else byHand();
}
function offer(before, what, text) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + what);
  button.addEventListener("click", () => copy(text(), button));
  before.before(button);
}
for (const area of document.querySelectorAll("textarea")) {
  offer(area, "the list", () => area.value);
}
for (const table of document.querySelectorAll("table")) {
  offer(table.parentElement, "the table " + table.caption.textContent, () =>
    [...table.rows].map(row => [...row.cells].map(cell => cell.innerText.replace(/\s+/g, " ").trim()).join("\t")).join("\n") + "\n");
}

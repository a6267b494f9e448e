"use strict";
// Finds postings: rows of the accounts' tables whose text holds every word that is written.
(() => {
  const root = document.documentElement, field = document.getElementById("q"), out = document.getElementById("found");
  root.classList.add("js");
  const told = document.getElementById("count"), MOST = 200;
  let rows = null;
  const read = () => [...document.querySelectorAll(".account tr[id]")].map((row) => ({
    row, text: (row.textContent + " " + row.closest("section").dataset.account).toLowerCase().replace(/\u00a0/g, " "),
  }));
  const find = () => {
    rows = rows || read();
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const body = out.tBodies[0];
    body.replaceChildren();
    out.hidden = true;
    if (field.value.trim().length < 2) { told.textContent = ""; return; }
    const amount = field.value.toLowerCase().trim();
    const hits = rows.filter(({ text }) => text.includes(amount) || words.every((word) => text.includes(word)));
    for (const { row } of hits.slice(0, MOST)) {
      const copy = row.cloneNode(true), where = document.createElement("td"), link = document.createElement("a");
      copy.removeAttribute("id");
      link.href = "#" + row.id;
      link.textContent = row.closest("section").dataset.account;
      where.append(link);
      copy.prepend(where);
      copy.children[5].remove();
      body.append(copy);
    }
    out.hidden = !hits.length;
    told.textContent = told.dataset.text.replace("{count}", hits.length).replace("{shown}", Math.min(hits.length, MOST));
  };
  let waiting;
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 150); });
})();

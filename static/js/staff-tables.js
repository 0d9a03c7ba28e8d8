// Lists in the admin become blocks on a phone (css/staff.css): each cell then needs the name of its column, and each
// element its role, because a row that is shown as a block is no row any more to some screen readers.
(() => {
  "use strict";

  const words = (element) => element.textContent.trim().replace(/\s+/g, " ");

  const nameCells = (row, names) => {
    row.setAttribute("role", "row");
    [...row.cells].forEach((cell, place) => {
      const heads = cell.tagName === "TH";
      cell.setAttribute("role", heads ? "rowheader" : "cell");
      if (names[place] && !heads && !cell.classList.contains("title") && words(cell)) cell.dataset.label = names[place];
    });
  };

  const prepare = (table) => {
    const head = table.tHead?.rows[0];
    const simple = head && ![...table.querySelectorAll("[colspan], [rowspan]")].some((cell) => cell.closest("table") === table);
    if (!simple || table.classList.contains("pm-staff-table")) return;
    const names = [...head.cells].map(words).map((name) => (/[?:]$/.test(name) || !name ? name : `${name}:`));
    table.setAttribute("role", "table");
    [table.tHead, ...table.tBodies].forEach((group) => group.setAttribute("role", "rowgroup"));
    head.setAttribute("role", "row");
    [...head.cells].forEach((cell) => cell.setAttribute("role", "columnheader"));
    [...table.tBodies].flatMap((body) => [...body.rows]).forEach((row) => nameCells(row, names));
    table.classList.add("pm-staff-table");
  };

  const prepareAll = () => document.querySelectorAll("table.listing").forEach(prepare);

  prepareAll();
  // A filter or a search puts a new list in the place of the old one.
  new MutationObserver(prepareAll).observe(document.body, { childList: true, subtree: true });
})();

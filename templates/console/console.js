// Keys in lists of cases; everything works without them.
(() => {
  const rows = [...document.querySelectorAll(".cases tbody tr")];
  let at = -1;
  const go = (to) => {
    if (!rows.length) return;
    rows[at]?.classList.remove("here");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("here");
    rows[at].querySelector("a.row").focus();
  };
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") go(at + 1);
    else if (event.key === "k") go(at - 1);
    else if (event.key === "x" && at >= 0) rows[at].querySelector(".pick input")?.click();
    else if (event.key === "?" && document.querySelector("footer.help")) location.assign("/help");
    else if (event.key === "/") document.querySelector("input[type=search]")?.focus();
    else return;
    event.preventDefault();
  });
})();
// How sources stand, as long as the page is open; a reload shows the same.
(() => {
  const rows = [...document.querySelectorAll("tr[data-source]")];
  if (!rows.length) return;
  new EventSource("/sources/live").addEventListener("message", (event) => {
    for (const source of JSON.parse(event.data)) {
      const cells = rows.find((row) => row.dataset.source === source.id)?.querySelectorAll("[data-cell]") ?? [];
      for (const cell of cells) {
        cell.textContent = source[cell.dataset.cell];
        if (cell.dataset.cell === "verdict") cell.className = `tag ${source.class}`;
      }
    }
  });
})();

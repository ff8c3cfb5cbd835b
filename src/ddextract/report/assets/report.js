"use strict";
(() => {
  const open = (target) => {
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
    }
    const own = target.querySelector(":scope > summary") || null;
    if (own) target.open = true;
    const holder = target.closest("summary");
    if (holder) holder.parentElement.open = true;
  };
  const go = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    open(target);
    const show = () => target.scrollIntoView({ block: target.closest("svg") ? "center" : "start" });
    show();
    setTimeout(show, 120); // once more when what stands above has its true height
  };
  addEventListener("hashchange", go);

  const form = document.querySelector("form.filter");
  const filter = () => {
    const wanted = new FormData(form);
    const words = wanted.get("words").trim().toLowerCase();
    const active = words || wanted.get("status") || wanted.get("holder") || wanted.get("document");
    let shown = 0, total = 0;
    for (const list of document.querySelectorAll("details.list")) {
      let hits = 0;
      for (const item of list.querySelectorAll("li.entry")) {
        const fits = ["status", "holder", "document"].every((key) => !wanted.get(key) || item.dataset[key] === wanted.get(key))
          && (!words || item.textContent.toLowerCase().includes(words));
        item.hidden = !fits;
        hits += fits;
        total += 1;
      }
      list.hidden = !hits;
      shown += hits;
      const inner = list.querySelector(":scope > .inner > details");
      if (inner && active) inner.open = Boolean(inner.querySelector("li.entry:not([hidden])")) && !list.querySelector(":scope > .inner > ol > li:not([hidden])");
    }
    form.querySelector("output").textContent = active ? `${shown} of ${total} sentences, counted or not` : "";
  };
  if (form) {
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("reset", () => setTimeout(filter));
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const link of document.querySelectorAll("[data-pick-status], [data-pick-holder]")) {
      link.addEventListener("click", () => {
        form.reset();
        form.elements.status.value = link.dataset.pickStatus || "";
        form.elements.holder.value = link.dataset.pickHolder || "";
        filter();
        setTimeout(go);
      });
    }
    for (const link of document.querySelectorAll("main a[href^='#']:not([data-pick-status]):not([data-pick-holder])")) {
      link.addEventListener("click", () => { form.reset(); filter(); setTimeout(go); });
    }
  }

  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "copy citation";
  const doubt = document.createElement("button");
  doubt.type = "button";
  doubt.className = "wrong";
  doubt.textContent = "this is wrong";
  doubt.title = "Copies the command that says what decided here";
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  for (const source of document.querySelectorAll("li.entry > .source")) {
    source.append(" ", button.cloneNode(true), " ", doubt.cloneNode(true));
  }
  document.addEventListener("click", async (event) => {
    const wrong = event.target.closest("button.wrong");
    if (wrong) {
      const quote = wrong.closest("li.entry").querySelector("blockquote q");
      const done = await copied(`ddextract explain ${quoted(quote.textContent.trim())} --lang ${quote.lang === "und" ? "en" : quote.lang}`);
      wrong.textContent = done ? "command copied: it says what decided; mend the page it names" : "not copied";
      setTimeout(() => { wrong.textContent = "this is wrong"; }, 4000);
      return;
    }
    const pressed = event.target.closest("button.copy");
    if (!pressed) return;
    const item = pressed.closest("li.entry");
    const done = await copied(`${item.dataset.cite}: “${item.querySelector("blockquote").textContent.trim()}”`);
    pressed.textContent = done ? "copied" : "not copied";
    setTimeout(() => { pressed.textContent = "copy citation"; }, 1500);
  });

  const value = (row, index) => {
    const text = row.cells[index].textContent.trim();
    const number = Number.parseFloat(text.replaceAll(",", ""));
    return /^[\d–-]/.test(text) ? (Number.isNaN(number) ? -1 : number) : text.toLowerCase();
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    if (!body || body.rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((cell, index) => {
      if ("nosort" in cell.dataset) return;
      const sorter = document.createElement("button");
      sorter.type = "button";
      sorter.className = "sort";
      sorter.append(...cell.childNodes);
      cell.append(sorter);
      sorter.addEventListener("click", () => {
        const down = cell.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].sort((a, b) => {
          const x = value(a, index), y = value(b, index);
          const order = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === "number" ? -1 : 1;
          return down ? -order : order;
        });
        body.append(...rows);
      });
    });
  }
  for (const table of document.querySelectorAll("table.plain, table.matrix, table.grid")) {
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    if (rows.length < 5) continue;
    const search = document.createElement("input");
    search.type = "search";
    search.className = "search";
    search.placeholder = "filter rows";
    search.setAttribute("aria-label", `Filter rows: ${table.caption ? table.caption.textContent : "table"}`);
    search.addEventListener("input", () => {
      const words = search.value.trim().toLowerCase();
      for (const row of rows) row.hidden = Boolean(words) && !row.textContent.toLowerCase().includes(words);
    });
    (table.closest(".board") || table.closest(".scroll") || table).before(search);
  }
  go();
})();

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
  // The list of sentences. The address says which: "#?code=unit_visit&status=planned&counts=1".
  // Values of one facet are alternatives, facets narrow each other, an empty value stands for "none named".
  const section = document.querySelector("section.reader");
  const STEP = 50, LATER = 250;
  const loaded = new Map(), missing = [];
  const load = (slug) => {
    if (!loaded.has(slug)) {
      loaded.set(slug, new Promise((done) => {
        const script = document.createElement("script");
        script.src = `${section.dataset.root}sentences/${slug}.js`;
        script.onload = done;
        script.onerror = () => { missing.push(slug); done(); };
        document.head.append(script);
      }));
    }
    return loaded.get(slug);
  };
  let rows = null, reading = null;
  const names = new Map();
  const titles = section ? JSON.parse(section.dataset.titles) : {};
  const titled = (code) => titles[code] || code;
  const read = () => {
    reading ||= (async () => {
      const order = section.dataset.sources.split(" ").filter(Boolean);
      section.setAttribute("aria-busy", "true");
      await Promise.all(order.map(load));
      const place = new Map(order.map((slug, k) => [slug, k]));
      const files = (globalThis.ddextractSentences || []).filter((f) => place.has(f.document)).sort((a, b) => place.get(a.document) - place.get(b.document));
      const codes = section.dataset.order.split(" ");
      const fixed = new URLSearchParams(section.dataset.fixed);
      rows = [];
      for (const file of files) {
        for (const [key, name] of Object.entries(file.names)) names.set(key, name);
        const keys = Object.fromEntries(file.facets.map((name, k) => [name, k]));
        for (const cells of file.rows) {
          const row = { file, html: cells[cells.length - 1], order: codes.indexOf(cells[keys.code]) };
          for (const name of file.facets) row[name] = cells[keys[name]];
          row.counts = String(row.counts);
          row.section = String(row.section);
          row.document = file.document;
          row.year = file.year;
          if ([...fixed].every(([name, value]) => has(row, name, [value]))) rows.push(row);
        }
      }
      rows.forEach((row, k) => { row.k = k; if (row.order < 0) row.order = codes.length; });
      rows.sort((a, b) => a.order - b.order || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0) || a.k - b.k);
      fill(files);
      section.removeAttribute("aria-busy");
    })();
    return reading;
  };
  const has = (row, name, wanted) => {
    const own = row[name];
    if (Array.isArray(own)) return wanted.some((value) => (value === "" ? !own.length : own.includes(value)));
    return wanted.includes(own);
  };
  const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'" };
  const words = (row) => (row.text ||= row.html.replace(/<[^>]*>/g, " ").replace(/&(?:amp|lt|gt|#34|#39);/g, (e) => entities[e]).replace(/\s+/g, " ").toLowerCase());
  const form = section && section.querySelector("form.filter");
  const fill = (files) => {
    const options = (name, pairs) => {
      const select = form.elements[name];
      for (const [value, label] of pairs) select.add(new Option(label, value));
      select.closest("label").hidden = pairs.length < 2;
    };
    options("code", [...new Set(rows.filter((r) => r.label === "INSTRUMENT").map((r) => r.code))].map((code) => [code, titled(code)]));
    options("document", files.map((f) => [f.document, f.year ? `${f.title} (${f.year})` : f.title]));
    options("year", [...new Set(files.map((f) => f.year).filter(Boolean))].sort().map((year) => [year, year]));
  };
  const asked = () => (location.hash.startsWith("#?") ? new URLSearchParams(location.hash.slice(2)) : null);
  const SINGLE = ["code", "status", "holder", "counts", "document", "year"];
  const KNOWN = ["label", "ladder", "agent", "partner", "objective", "section", "wording", "language", "id", ...SINGLE];
  let query = new URLSearchParams(), hits = [], drawn = 0, group = null;
  const shown = section && section.querySelector(".found");
  const more = section && section.querySelector(".more");
  const said = (name, value) => {
    const none = { agent: "nobody named as carrying it out", partner: "no partner named", objective: "no objective named" };
    if (value === "") return none[name] || `no ${name}`;
    if (name === "partner") return `with ${names.get(value) || value}`;
    if (name === "objective") return `for ${titled(value).toLowerCase()}`;
    if (name === "agent") return `by ${value}`;
    if (name === "ladder") return `said as: ${value.replaceAll("_", " ")}`;
    if (name === "wording") return `worded “${value}”`;
    if (name === "label") return value === "ADJACENT" ? "beside defence diplomacy" : value.toLowerCase();
    if (name === "section") {
      const slug = query.get("document") || section.dataset.sources.split(" ")[0];
      const file = (globalThis.ddextractSentences || []).find((f) => f.document === slug);
      return `in ${(file && file.sections[Number(value)]) || "(before the first heading)"}`;
    }
    return name === "code" ? titled(value) : value;
  };
  const draw = (number) => {
    const end = Math.min(hits.length, drawn + number);
    let list = shown.querySelector(":scope > ol:last-of-type"), html = "";
    const put = () => {
      if (html) list.insertAdjacentHTML("beforeend", html);
      html = "";
    };
    for (; drawn < end; drawn += 1) {
      const row = hits[drawn];
      if (row.code !== group) {
        put();
        group = row.code;
        let size = 0;
        for (let k = drawn; k < hits.length && hits[k].code === group; k += 1) size += 1;
        const heading = document.createElement("h3"), count = document.createElement("span");
        heading.textContent = titled(row.code);
        count.className = "count";
        count.textContent = ` ${size.toLocaleString("en")}`;
        heading.append(count);
        list = document.createElement("ol");
        list.className = "entries";
        shown.append(heading, list);
      }
      html += row.html;
    }
    put();
    for (const source of shown.querySelectorAll("li.entry > .source:not(:has(button))")) equip(source);
    more.hidden = drawn >= hits.length;
    more.firstElementChild.textContent = `Show ${Math.min(LATER, hits.length - drawn)} more of ${(hits.length - drawn).toLocaleString("en")}`;
  };
  const list = () => {
    const text = (query.get("words") || "").trim().toLowerCase();
    const tests = KNOWN.filter((name) => query.has(name)).map((name) => [name, query.getAll(name)]);
    const label = query.has("label") ? [] : ["INSTRUMENT"];
    hits = rows.filter((row) => (!label.length || label.includes(row.label)) && tests.every(([name, wanted]) => has(row, name, wanted)) && (!text || words(row).includes(text)));
    shown.replaceChildren();
    drawn = 0;
    group = null;
    draw(STEP);
    const number = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
    const documents = new Set(hits.map((r) => r.document)).size, codes = new Set(hits.map((r) => r.code)).size;
    section.querySelector("output").textContent = hits.length
      ? `${number(hits.length, "mention", "mentions")} in ${number(documents, "document", "documents")}${codes > 1 ? `, ${codes} instruments` : ""}`
      : "No sentence is like that.";
    if (missing.length) section.querySelector("output").textContent += ` Not in this folder: sentences/${missing.join(".js, ")}.js.`;
    section.dataset.shown = hits.length;
    section.dataset.documents = documents;
  };
  const mirror = () => {
    for (const name of SINGLE) form.elements[name].value = query.getAll(name).length === 1 ? query.get(name) : "";
    form.elements.words.value = query.get("words") || "";
    const chips = form.querySelector(".chips");
    chips.replaceChildren();
    for (const name of KNOWN) {
      const values = query.getAll(name);
      const select = SINGLE.includes(name) && values.length === 1 && [...form.elements[name].options].some((o) => o.value === values[0]);
      if (!values.length || select) continue;
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "chip";
      chip.textContent = `${values.map((v) => said(name, v)).join(" or ")} ×`;
      chip.setAttribute("aria-label", `${values.map((v) => said(name, v)).join(" or ")}: remove`);
      chip.addEventListener("click", () => { query.delete(name); write(); list(); mirror(); form.elements.words.focus(); });
      chips.append(chip);
    }
  };
  const write = () => history.replaceState(null, "", `#?${query}`);
  const show = async (wanted, move) => {
    section.hidden = false;
    query = wanted;
    await read();
    form.hidden = false;
    list();
    mirror();
    if (move) {
      const heading = section.querySelector("h2");
      heading.focus({ preventScroll: true });
      heading.scrollIntoView({ block: "start" });
    }
  };
  if (section) {
    const changed = () => {
      for (const name of SINGLE) {
        const value = form.elements[name].value;
        if (value) query.set(name, value);
        else if (query.getAll(name).length < 2) query.delete(name);
      }
      const text = form.elements.words.value.trim();
      if (text) query.set("words", text);
      else query.delete("words");
      write();
      list();
      mirror();
    };
    let timer = 0;
    form.addEventListener("input", (event) => {
      clearTimeout(timer);
      timer = setTimeout(changed, event.target.type === "search" ? 120 : 0);
    });
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      query = new URLSearchParams(section.dataset.first || "counts=1");
      write();
      list();
      mirror();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    more.firstElementChild.addEventListener("click", () => {
      const last = shown.querySelector("li.entry:last-of-type");
      draw(LATER);
      if (more.hidden && last) section.querySelector("h2").focus({ preventScroll: true });
    });
  }
  const arrive = () => {
    const wanted = asked();
    const name = decodeURIComponent(location.hash.slice(1));
    if (section && wanted) show(wanted, true);
    // An address by the name of an instrument alone.
    else if (section && titles[name] && !document.getElementById(name)) show(new URLSearchParams({ code: name, counts: "1" }), true);
    else go();
  };
  addEventListener("hashchange", arrive);
  if (section && !section.hidden) {
    new IntersectionObserver((seen, watch) => {
      if (!seen.some((s) => s.isIntersecting)) return;
      watch.disconnect();
      if (!reading) show(new URLSearchParams("counts=1"), false);
    }, { rootMargin: "600px" }).observe(section);
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
  const equip = (source) => source.append(" ", button.cloneNode(true), " ", doubt.cloneNode(true));
  for (const source of document.querySelectorAll("li.entry > .source")) equip(source);
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
  arrive();
})();

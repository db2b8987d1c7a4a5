"use strict";
/* Links to places, the search over everything, keys, language, colours, print. */
(() => {
  const { el, _ } = R;
  const root = document.documentElement;
  const keep = (name, value) => { try { localStorage.setItem(`inspector.${name}`, value); } catch { /* not allowed here */ } };
  const kept = (name) => { try { return localStorage.getItem(`inspector.${name}`); } catch { return null; } };

  /** Text that survives a ticket: file, checksum, place, time, bytes. */
  R.citation = (source, what, packet, afterNs, text) => {
    const file = R.report.sources[source];
    return [`${file.name} (SHA-256 ${file.sha256.slice(0, 12)}…)`, what, packet ? `packet ${R.split(packet).rest}` : null,
      afterNs === null || afterNs === undefined ? null : `+${R.seconds(afterNs)} s`, text ? R.clean(text).slice(0, 400).trim() : null].filter(Boolean).join(", ");
  };
  R.setHash = (place) => { if (location.hash !== `#${place}`) history.replaceState(null, "", `#${place}`); };
  R.go = (place) => {
    if (location.hash === `#${place}`) return follow();
    location.hash = place;
    return Promise.resolve();
  };

  const follow = async () => {
    const place = decodeURIComponent(location.hash.slice(1));
    if (!place) return;
    const packet = /^packet-([\d.]+?)(?:-byte-(\d+)|-bytes-(\d+)-(\d+))?$/.exec(place);
    let target = null;
    if (packet) {
      const range = packet[2] ? [Number(packet[2]), Number(packet[2]) + 1] : packet[3] ? [Number(packet[3]), Number(packet[4])] : null;
      if (await R.packets.go(packet[1], range)) target = document.getElementById(`packet-${packet[1]}`);
    } else if (place.startsWith("message-")) {
      if (await R.messages.go(place.slice(8))) target = document.getElementById("message-detail");
    } else if (place.startsWith("exchange-")) {
      if (await R.exchanges.go(place.slice(9))) target = document.getElementById("exchange-detail");
    } else {
      target = document.getElementById(place);
      if (!target && place.startsWith("connection-")) { await allConnections(); target = document.getElementById(place); }
      target?.closest("details:not([open])")?.setAttribute("open", "");
      if (target instanceof HTMLDetailsElement) target.open = true;
    }
    if (!target) { R.toast(_("There is no {place} in this report.", { place })); return; }
    for (const other of document.querySelectorAll(".here:not(nav a)")) if (other !== target) other.classList.remove("here");
    if (target.matches(".finding, tr")) target.classList.add("here");
    target.scrollIntoView({ block: packet || place.startsWith("message-") || place.startsWith("exchange-") ? "start" : "start" });
    if (!target.hasAttribute("tabindex") && !target.matches("a, button, input, summary")) target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
    R.landed = place;
  };

  const allConnections = async () => {
    const button = document.getElementById("all-connections");
    if (!button) return;
    const body = document.querySelector("#connections tbody"), have = new Map([...body.rows].map((row) => [row.id, row]));
    for (const section of R.report.sections)
      for (const row of section.connections.rows) {
        const drawn = have.get(`connection-${row.id}`);
        if (drawn) { body.append(drawn); continue; }
        body.append(el("tr", { id: `connection-${row.id}`, tabindex: -1 },
          el("th", { scope: "row", class: "n" }, row.id), el("td", {}, el("bdi", { class: "mono" }, row.client)), el("td", {}, el("bdi", { class: "mono" }, row.server)), el("td", {}, row.protocol),
          el("td", { class: "n mono" }, `${R.seconds(row.start_ns - R.report.sources[row.source].first_ns)} s`), el("td", { class: "n" }, R.duration(row.duration_ns)),
          el("td", { class: "n" }, `${R.size(row.bytes[0])} / ${R.size(row.bytes[1])}`), el("td", { class: "n" }, row.rtt_ns === null ? "–" : R.duration(row.rtt_ns)),
          el("td", {}, row.ending_text, row.end_packet ? [" ", el("a", { class: "soft", href: `#packet-${R.key(row.source, row.end_packet)}` }, String(row.end_packet))] : null),
          el("td", {}, row.findings.map((id) => [el("a", { href: `#finding-${id}` }, id), " "]))));
      }
    button.remove();
  };

  // --- language and colours -------------------------------------------------------------------------------------------
  R.setLanguage = (language, remember) => {
    root.lang = language;
    for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
    for (const name of ["aria-label", "title", "placeholder", "label"])
      for (const element of document.querySelectorAll(`[data-${language}-${name}]`)) element.setAttribute(name, element.getAttribute(`data-${language}-${name}`));
    document.title = `${R.clean(R.plain(R.report.verdict.text))} – ${R.clean(R.report.sources[0].name)}`;
    if (remember) keep("language", language);
    if (R.plots?.drawn.length) R.plots.draw();
    if (R.packets?.bytes.drawn) R.packets.bytes.bits(R.packets.bytes.drawn);
  };
  R.setTheme = (theme, remember) => {
    root.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    if (remember) keep("theme", theme);
    if (R.plots?.drawn.length) R.plots.draw();
  };

  // --- search ---------------------------------------------------------------------------------------------------------
  const mostHits = 30;
  const staticHits = (needle) => {
    const hits = [];
    for (const finding of R.report.findings)
      for (const text of [finding.rule, R.plain(finding.title), R.plain(finding.fact)])
        if (text && text.toLowerCase().includes(needle)) { hits.push({ href: `#finding-${finding.id}`, label: _("finding {id}", { id: finding.id }), text }); break; }
    for (const section of R.report.sections)
      for (const row of section.connections.rows)
        if (`${row.client} ${row.server} ${row.protocol}`.toLowerCase().includes(needle)) hits.push({ href: `#connection-${row.id}`, label: _("connection {number}", { number: row.id }), text: `${row.client} → ${row.server} ${row.protocol}` });
    return hits;
  };
  const searchDialog = () => {
    const field = el("input", { type: "search", id: "search-text", "aria-label": _("Search everything"), placeholder: _("findings, addresses, URLs, headers, bodies, messages") });
    const told = el("p", { class: "soft", role: "status" }), list = el("ul", { class: "hits" });
    const dialog = el("dialog", { id: "search", "aria-label": _("Search") }, el("h2", {}, _("Search")), field, told, list,
      el("p", { class: "soft" }, _("Not searched: bytes of packets, and what was left out of this file (appendix).")), el("form", { method: "dialog" }, el("button", {}, _("Close"))));
    let timer, turn = 0;
    const run = async () => {
      const needle = field.value.normalize("NFC").toLowerCase().trim(), mine = (turn += 1), began = performance.now();
      if (!needle) { R.fill(told); R.fill(list); return; }
      const parts = [{ hits: staticHits(needle) }, await R.exchanges.search(needle, mostHits), await R.messages.search(needle, mostHits)];
      if (mine !== turn) return;
      const hits = parts.flatMap((part) => part.hits.slice(0, mostHits));
      const total = parts.reduce((sum, part) => sum + (part.count ?? part.hits.length), 0);
      R.fill(told, _("{count} found, {shown} shown", { count: R.number(total), shown: R.number(hits.length) }));
      R.fill(list, hits.map((hit) => {
        const at = hit.text.toLowerCase().indexOf(needle), from = Math.max(at - 40, 0);
        return el("li", {}, el("a", { href: hit.href, onclick: () => dialog.close() }, hit.label), " ", el("bdi", {}, from ? "…" : "", hit.text.slice(from, Math.max(at, 0)), el("mark", {}, hit.text.slice(Math.max(at, 0), at + needle.length)), hit.text.slice(at + needle.length, at + needle.length + 80)));
      }));
      R.perf.search = performance.now() - began;
    };
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(run, 120); });
    document.body.append(dialog);
    return () => { dialog.showModal(); field.focus(); field.select(); };
  };

  // --- keys -----------------------------------------------------------------------------------------------------------
  const keysDialog = () => {
    const rows = [["/", _("search everything")], ["j k", _("next and previous finding")], ["[ ]", _("previous and next piece of evidence")], ["g", _("go to a packet by its number")], ["p", _("print")], ["Esc", _("close what is open")], ["?", _("this list")]];
    const off = el("input", { type: "checkbox", id: "keys-off", onchange: (event) => keep("keys", event.target.checked ? "off" : "on") });
    off.checked = kept("keys") === "off";
    const dialog = el("dialog", { id: "keys", "aria-label": _("Keyboard shortcuts") }, el("h2", {}, _("Keyboard shortcuts")),
      el("table", { class: "shortcuts" }, rows.map(([key, text]) => el("tr", {}, el("th", { scope: "row" }, el("kbd", {}, key)), el("td", {}, text)))),
      el("p", {}, off, " ", el("label", { for: "keys-off" }, _("switch single keys off"))), el("form", { method: "dialog" }, el("button", {}, _("Close"))));
    document.body.append(dialog);
    return () => dialog.showModal();
  };
  const step = (items, direction, current) => {
    const index = items.indexOf(current);
    return items[index < 0 ? (direction > 0 ? 0 : items.length - 1) : Math.max(Math.min(index + direction, items.length - 1), 0)];
  };
  const onKey = (event, openSearch, openKeys) => {
    const typing = event.target.closest?.("input, select, textarea, dialog");
    if (event.ctrlKey || event.metaKey || event.altKey || typing || kept("keys") === "off") return;
    const findings = [...document.querySelectorAll(".finding:not([hidden])")];
    const evidence = [...document.querySelectorAll(".finding:not([hidden]) a.open-packet")];
    const actions = {
      "/": openSearch, "?": openKeys, p: () => print(), g: () => document.getElementById("packet-go")?.focus(),
      j: () => findings.length && R.go(step(findings, 1, document.querySelector(".finding.here")).id),
      k: () => findings.length && R.go(step(findings, -1, document.querySelector(".finding.here")).id),
      "]": () => evidence.length && (R.evidence = step(evidence, 1, R.evidence)).click(),
      "[": () => evidence.length && (R.evidence = step(evidence, -1, R.evidence)).click(),
    };
    if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
  };

  R.startNavigation = () => {
    const openSearch = searchDialog(), openKeys = keysDialog();
    document.getElementById("open-search").addEventListener("click", openSearch);
    document.getElementById("keys-help").addEventListener("click", openKeys);
    document.getElementById("print").addEventListener("click", () => print());
    document.getElementById("all-connections")?.addEventListener("click", allConnections);
    for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => R.setLanguage(button.dataset.language, true));
    for (const button of document.querySelectorAll("[data-theme-choice]")) button.addEventListener("click", () => R.setTheme(button.dataset.themeChoice, true));
    for (const button of document.querySelectorAll("[data-cite]")) button.addEventListener("click", () => {
      const finding = R.report.findings.find((one) => `finding-${one.id}` === button.dataset.cite), first = finding.evidence[0];
      R.copy(R.citation(finding.source, `${finding.rule} ${R.plain(finding.title)}`, first?.packet, first?.after_ns, first?.excerpt.hex.slice(0, 96).replace(/(..)/g, "$1 ")));
    });
    const filter = document.getElementById("severity-filter");
    filter?.addEventListener("click", (event) => {
      const wanted = event.target.closest("button")?.dataset.severity;
      if (!wanted) return;
      for (const button of filter.children) button.setAttribute("aria-pressed", String(button.dataset.severity === wanted));
      for (const finding of document.querySelectorAll(".finding")) finding.hidden = wanted !== "all" && finding.dataset.severity !== wanted;
    });
    document.addEventListener("keydown", (event) => onKey(event, openSearch, openKeys));
    window.addEventListener("hashchange", follow);
    let opened = [];
    window.addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll("details:not([open])")];
      for (const one of opened) one.open = true;
      for (const list of [R.messages.list, R.packets.list]) list?.print(true);
    });
    window.addEventListener("afterprint", () => {
      for (const one of opened) one.open = false;
      for (const list of [R.messages.list, R.packets.list]) list?.print(false);
    });
    const links = new Map([...document.querySelectorAll(".top nav a")].map((link) => [link.hash.slice(1), link]));
    const spy = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) for (const [id, link] of links) link.classList.toggle("here", id === entry.target.id);
    }, { rootMargin: "-30% 0px -60% 0px" });
    for (const id of links.keys()) spy.observe(document.getElementById(id));
    const language = kept("language"), theme = kept("theme");
    if (language === "ko" || language === "en") R.setLanguage(language, false);
    if (theme === "light" || theme === "dark") R.setTheme(theme, false);
    return follow;
  };
})();

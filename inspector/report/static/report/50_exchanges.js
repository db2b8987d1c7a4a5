"use strict";
/* HTTP exchanges: the detail of one, and the whole list where the page draws only its beginning. */
(() => {
  const { el, _ } = R;

  R.Exchanges = class {
    constructor(report, place) {
      this.report = report;
      this.place = place;
      this.parts = report.sections.map((section, source) => ({ source, rows: new R.Packed(section.exchanges.rows) }));
    }
    start() {
      for (const row of document.querySelectorAll("tr[data-exchange]"))
        row.addEventListener("click", () => R.go(`exchange-${row.dataset.exchange}`));
      for (const button of document.querySelectorAll("[data-all-exchanges]"))
        button.addEventListener("click", () => this.list(this.parts[Number(button.dataset.allExchanges)], button));
    }
    async list(part, button) {
      const rows = await part.rows.all();
      const list = new R.List({
        label: _("HTTP exchanges"),
        columns: [{ title: "#", width: "4rem", numeric: true }, { title: _("request"), width: "minmax(12rem, 1fr)" }, { title: _("answer"), width: "10rem" }, { title: _("body"), width: "6rem", numeric: true }, { title: _("wait"), width: "6rem", numeric: true }],
        count: () => rows.length,
        row: (index) => {
          const row = rows[index];
          return { bad: row.status === null || row.status >= 400, cells: [row.id, `${row.method ?? "?"} ${row.target ?? "?"}`, row.status === null ? _("no answer") : `${row.status} ${row.reason ?? ""}`, row.body_bytes ? R.size(row.body_bytes) : "", R.duration(row.phases.wait_ns)] };
        },
        open: (index) => R.go(`exchange-${rows[index].id}`),
      });
      button.replaceWith(list.grid);
      list.changed();
    }
    async go(id) {
      const { source, rest } = R.split(id), part = this.parts[source];
      if (!part || !(Number(rest) >= 1 && Number(rest) <= part.rows.count)) return false;
      const row = await part.rows.get(Number(rest) - 1);
      for (const other of document.querySelectorAll("tr[data-exchange]")) other.classList.toggle("here", other.dataset.exchange === id);
      this.place.hidden = false;
      const packet = row.request_packets ?? row.response_packets;
      R.fill(this.place,
        el("h3", {}, _("Exchange {id}", { id }), el("span", {}, `${row.method ?? "?"} ${row.target ?? "?"}`),
          el("a", { href: `#connection-${row.connection}` }, _("connection {number}", { number: row.connection })),
          el("button", { type: "button", class: "link", onclick: () => R.copy(R.citation(source, `exchange ${id}`, packet ? R.key(source, packet[0]) : null, row.start_ns - this.report.sources[source].first_ns, `${row.method} ${row.target} ${row.status}`)) }, _("Copy citation"))),
        el("p", { class: "soft" }, _("connect {connect} · send {send} · wait {wait} · receive {receive}", {
          connect: R.duration(row.phases.connect_ns), send: R.duration(row.phases.send_ns), wait: R.duration(row.phases.wait_ns), receive: R.duration(row.phases.receive_ns) }),
          row.paired === "inferred" ? [" · ", _("pairing inferred after missing bytes")] : null),
        row.request || row.response
          ? el("div", { class: "columns" }, this.message(_("Request"), row.request, row.request_packets, source), this.message(_("Response"), row.response, row.response_packets, source))
          : el("p", { class: "soft" }, _("Headers and body of this exchange are not in this file; inspector http shows them.")));
      this.place.scrollIntoView({ block: "nearest" });
      return true;
    }
    message(title, message, packets, source) {
      if (!message) return el("div", {}, el("h4", {}, title), el("p", { class: "soft" }, _("not captured")));
      const headers = el("dl", { class: "pairs" });
      for (const [name, value] of message.headers) {
        const linked = R.term("http_header", name);
        headers.append(el("dt", {}, typeof linked === "string" ? R.term("idea", name) : linked), el("dd", {}, value));
      }
      return el("div", {}, el("h4", {}, title, packets ? [" ", el("a", { href: `#packet-${R.key(source, packets[0])}` }, _("packets {first}–{last}", { first: packets[0], last: packets[1] }))] : null),
        el("p", { class: "mono breaks" }, message.first_line), headers,
        message.anomalies.map((anomaly) => el("p", { class: "tag bad" }, R.term("anomaly", anomaly.code), ` ${anomaly.detail} (${anomaly.ref})`)),
        message.missing ? el("p", { class: "tag bad" }, _("{count} bytes missing", { count: R.number(message.missing) })) : null,
        message.body ? this.body(message) : null);
    }
    body(message) {
      const body = message.body, block = el("pre", { class: "content", tabindex: 0 });
      block.textContent = body.text !== null ? R.cleanBlock(body.text) : this.hex(body.base64);
      return [el("p", { class: "soft small" }, _("Body: {wire} bytes transferred, {size} after decoding", { wire: R.number(message.wire_bytes), size: R.number(body.size) })), block,
        body.cut ? el("p", { class: "soft small" }, _("cut here; inspector http --detail holds all of it")) : null];
    }
    hex(text) {
      const octets = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), rows = [];
      for (let at = 0; at < Math.min(octets.length, 512); at += 16) rows.push(`${at.toString(16).padStart(4, "0")}  ${[...octets.slice(at, at + 16)].map(R.byte).join(" ")}`);
      return rows.join("\n");
    }
    async search(needle, most) {
      const hits = [];
      let count = 0;
      for (const part of this.parts)
        for (const row of await part.rows.all()) {
          const words = [row.method, row.target, row.host, row.status, row.reason, row.request?.body?.text, row.response?.body?.text, ...(row.request?.headers ?? []).flat(), ...(row.response?.headers ?? []).flat()];
          const text = words.find((word) => word && String(word).toLowerCase().includes(needle));
          if (!text) continue;
          count += 1;
          if (hits.length < most) hits.push({ href: `#exchange-${row.id}`, label: _("exchange {id}", { id: row.id }), text: String(text) });
        }
      return { hits, count };
    }
  };
})();

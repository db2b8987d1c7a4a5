"use strict";
/* Packets: one table over all of them, and the bytes of one with its fields and bits. */
(() => {
  const { el, _ } = R;
  const flagNames = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"];
  const client = _("client"), server = _("server"), noPacket = 3, notPacket = _("a record of who captured, no packet");

  R.Packets = class {
    constructor(report, place, view) {
      this.report = report;
      this.parts = report.sections.map((section, source) => ({ source, section: section.packets }));
      this.place = place;
      this.bytes = new R.ByteView(view);
      this.filter = { text: "", connection: "", bad: false };
    }
    async start() {
      this.part = this.parts[0];
      for (const part of this.parts) {
        part.table = new R.Table(part.section.table);
        part.views = new R.Packed(part.section.views);
        if (part.table.rows) await part.table.loadChunk(0);
      }
      this.build();
      R.perf.packets = performance.now();
      for (const part of this.parts) {
        await part.table.load();
        part.places = new Map(part.section.views.keys.map((number, index) => [number, index]));
      }
      R.perf.packetsLoaded = performance.now();
      this.list.refresh();
    }
    build() {
      this.list = new R.List({
        label: _("Packets"),
        columns: [
          { title: "#", width: "6rem", numeric: true }, { title: _("time s"), width: "7rem", numeric: true },
          { title: _("connection"), width: "5.5rem", numeric: true }, { title: _("sender"), width: "4.5rem" },
          { title: _("protocol"), width: "6rem" }, { title: _("bytes"), width: "4.5rem", numeric: true },
          { title: _("what"), width: "minmax(12rem, 1fr)" },
        ],
        count: () => (this.rows ? this.rows.length : this.part.table.rows),
        row: (index) => this.row(this.rows ? this.rows[index] : index),
        open: (index) => R.go(`packet-${R.key(this.part.source, (this.rows ? this.rows[index] : index) + 1)}`),
      });
      const connection = el("input", { type: "search", size: 6, "aria-label": _("connection number"), placeholder: _("connection number"), oninput: (event) => { this.filter.connection = event.target.value.trim(); this.soon(); } });
      const what = el("select", { "aria-label": _("kind of packet"), onchange: (event) => { this.filter.text = event.target.value; this.soon(); } });
      for (const [value, text] of [["", _("all packets")], ["payload", _("with payload")], ["syn", "SYN"], ["fin", "FIN"], ["rst", "RST"], ["remarkable", _("remarkable (resent, lost, zero window …)")], ["bytes", _("with their bytes in this file")]])
        what.append(R.option(value, text));
      const go = el("input", { type: "number", min: 1, "aria-label": _("go to packet"), placeholder: _("go to packet"), id: "packet-go" });
      this.sources = this.parts.length > 1 ? R.choice(_("source"), this.parts.map((part) => [part, String(part.source)]), (part) => { this.turn(part); this.soon(); }) : null;
      this.told = el("span", { class: "soft", role: "status" });
      this.place.append(el("div", { class: "filters" }, this.sources, what, connection,
        el("form", { onsubmit: (event) => { event.preventDefault(); if (go.value) R.go(`packet-${R.key(this.part.source, go.value)}`); } }, go, " ", el("button", { type: "submit" }, _("Go"))),
        this.told), this.list.grid);
      this.list.changed();
      this.tell();
    }
    /** Show another source. */
    turn(part) {
      if (part === this.part) return;
      this.part = part;
      this.sources.choose(part);
      this.rows = null;
      this.list.changed();
      this.tell();
    }
    row(row) {
      const table = this.part.table;
      if (row >= table.loaded) return { cells: [R.number(row + 1), ...Array(6).fill("…")] };
      const layer = table.spec.layers[table.layer[row]], connection = table.connection[row];
      return {
        bad: table.analysis[row] || table.flags[row] & 4,
        cells: [R.number(row + 1), R.seconds(table.after_ns[row]), connection < 0 ? "" : String(connection),
          connection < 0 || table.side[row] >= 2 ? "" : table.side[row] ? server : client,
          layer === "none" ? "" : layer.toUpperCase(), R.number(table.length[row]), this.what(row)],
      };
    }
    what(row) {
      const table = this.part.table;
      if (table.side[row] === noPacket) return notPacket;
      if (table.connection[row] < 0) return "";
      const flags = flagNames.filter((name, bit) => (table.flags[row] >> bit) & 1);
      const told = table.spec.analysis.filter((name, bit) => (table.analysis[row] >> bit) & 1).map((name) => name.replaceAll("_", " "));
      const payload = table.payload[row] ? ` ${R.number(table.payload[row])} B` : "";
      return `[${flags.join(", ")}]${payload}${told.length ? `  ! ${told.join(", ")}` : ""}`;
    }
    soon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.apply(), 40);
    }
    apply() {
      const began = performance.now(), { filter } = this, { table, places } = this.part;
      const number = filter.connection === "" ? null : Number(R.split(filter.connection).rest);
      const tests = {
        payload: (row) => table.payload[row] > 0, syn: (row) => table.flags[row] & 2, fin: (row) => table.flags[row] & 1,
        rst: (row) => table.flags[row] & 4, remarkable: (row) => table.analysis[row] !== 0, bytes: (row) => places?.has(row + 1),
      };
      const test = tests[filter.text];
      if (!test && number === null) this.rows = null;
      else {
        const rows = new Uint32Array(table.rows);
        let count = 0;
        for (let row = 0; row < table.rows; row += 1) {
          if (number !== null && table.connection[row] !== number) continue;
          if (test && !test(row)) continue;
          rows[count] = row;
          count += 1;
        }
        this.rows = rows.subarray(0, count);
      }
      this.list.changed();
      R.perf.packetFilter = performance.now() - began;
      this.tell();
    }
    tell() {
      const table = this.part.table, shown = this.rows ? this.rows.length : table.rows;
      const text = _("{shown} of {total}; the bytes of {views} are in this file", {
        shown: R.number(shown), total: R.number(table.spec.total), views: R.number(this.part.views.count),
      });
      R.fill(this.told, text);
    }
    /** Show the packet of a link, perhaps with bytes marked. */
    async go(id, range) {
      const { source, rest } = R.split(id), number = Number(rest), part = this.parts[source];
      if (!part || !(number >= 1 && number <= part.table.spec.total)) return false;
      this.turn(part);
      const row = number - 1;
      let index = this.rows ? this.rows.indexOf(row) : row;
      if (index < 0) { this.rows = null; this.list.changed(); this.tell(); index = row; }
      this.list.choose(index, false);
      const place = part.places.get(number);
      if (place === undefined) this.bytes.missing(part, number, this.report.sources[source]);
      else this.bytes.show(part, await part.views.get(place), range);
      return true;
    }
  };
})();

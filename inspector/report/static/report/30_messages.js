"use strict";
/* WebSocket messages: one table over all connections, filters, and each message taken apart frame by frame. */
(() => {
  const { el, _ } = R;
  const opcodes = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
  const kinds = { text: [1], binary: [2, 0], control: [8, 9, 10] };
  const compressed = 1, complete = 2, faulty = 4, data = 8;
  const client = _("client"), server = _("server"), notHere = _("content not in this file"), notYet = Array(8).fill("…");

  R.Messages = class {
    constructor(report, place) {
      this.sections = report.sections.map((section, source) => ({ source, section: section.websockets }))
        .filter(({ section }) => section.messages.rows > 0);
      this.place = place;
      this.filter = { side: "all", kind: "all", connection: "", text: "", regex: false, bad: false };
    }
    async start() {
      if (!this.sections.length) return;
      for (const part of this.sections) {
        part.table = new R.Table(part.section.messages);
        part.details = new R.Packed(part.section.details);
        await part.table.loadChunk(0);
      }
      this.part = this.sections[0];
      this.texts = new Map();
      this.build();
      R.perf.messages = performance.now();
      for (const part of this.sections) {
        await part.table.load();
        part.places = new Map(part.section.details.keys.map((id, index) => [id, index]));
      }
      this.apply();
    }
    build() {
      this.list = new R.List({
        label: _("WebSocket messages"),
        columns: [
          { title: "#", width: "4rem", numeric: true }, { title: _("time s"), width: "6.5rem", numeric: true },
          { title: _("connection"), width: "5.5rem", numeric: true }, { title: _("sender"), width: "4.2rem" },
          { title: _("type"), width: "4.6rem" }, { title: _("bytes"), width: "4.5rem", numeric: true },
          { title: _("marks"), width: "5.2rem" }, { title: _("content"), width: "minmax(12rem, 1fr)" },
        ],
        count: () => (this.rows ? this.rows.length : this.part.table.rows),
        row: (index) => this.row(this.rows ? this.rows[index] : index),
        open: (index) => this.open(this.rows ? this.rows[index] : index, true),
      });
      const search = el("input", {
        type: "search", id: "message-search", placeholder: _("text in messages"), "aria-label": _("text in messages"),
        oninput: (event) => { this.filter.text = event.target.value; this.soon(); },
      });
      const regex = el("input", { type: "checkbox", id: "message-regex", onchange: (event) => { this.filter.regex = event.target.checked; this.soon(); } });
      const bad = el("input", { type: "checkbox", id: "message-bad", onchange: (event) => { this.filter.bad = event.target.checked; this.soon(); } });
      this.connections = el("select", { "aria-label": _("connection"), onchange: (event) => { this.filter.connection = event.target.value; this.soon(); } });
      this.connect();
      this.sources = this.sections.length > 1 ? R.choice(_("source"), this.sections.map((part) => [part, String(part.source)]),
        (part) => { this.turn(part); this.soon(); }) : null;
      this.told = el("span", { class: "soft", role: "status" });
      this.place.append(
        el("div", { class: "filters" }, this.sources,
          R.choice(_("sender"), [["all", _("both sides")], ["client", _("client")], ["server", _("server")]], (value) => { this.filter.side = value; this.soon(); }),
          R.choice(_("type"), [["all", _("all types")], ["text", _("text")], ["binary", _("binary")], ["control", _("control")]], (value) => { this.filter.kind = value; this.soon(); }),
          this.connections, search,
          el("span", {}, regex, " ", el("label", { for: "message-regex" }, _("regular expression"))),
          el("span", {}, bad, " ", el("label", { for: "message-bad" }, _("only with anomalies"))),
          this.told),
        this.list.grid, (this.panel = el("div", { class: "panel", id: "message-detail", hidden: true })));
      this.list.changed();
      this.tell();
    }
    /** Show another source. */
    turn(part) {
      if (part === this.part) return;
      this.part = part;
      this.sources.choose(part);
      this.filter.connection = "";
      this.connect();
      this.rows = null;
      this.list.changed();
      this.tell();
    }
    /** The connections among which the filter chooses. */
    connect() {
      R.fill(this.connections, R.option("", _("all connections")),
        [...new Set(this.part.section.messages.directions.map(([, , key]) => key))].map((id) => R.option(id, `#${id}`)));
    }
    id(row, part = this.part) {
      const [, sender, key] = part.section.messages.directions[part.table.direction[row]];
      return `${key}-${sender}-${part.table.marks[row] & data ? "" : "frame"}${part.table.number[row]}`;
    }
    row(row) {
      const table = this.part.table;
      if (row >= table.loaded) return { cells: notYet };
      const [, sender, connection] = this.part.section.messages.directions[table.direction[row]];
      const marks = table.marks[row], told = [];
      if (table.frames[row] > 1) told.push(`${table.frames[row]}×`);
      if (marks & compressed) told.push("deflate");
      if (!(marks & complete)) told.push("…");
      return {
        bad: marks & faulty,
        cells: [
          (marks & data ? "" : "f") + R.number(table.number[row]), R.seconds(table.after_ns[row]), connection,
          sender === "client" ? client : server, opcodes[table.opcode[row]] ?? String(table.opcode[row]),
          table.length[row] < 0 ? "?" : R.number(table.length[row]), (marks & faulty ? "! " : "") + told.join(" "), this.preview(row),
        ],
      };
    }
    preview(row) {
      const size = this.part.table.text.spec.rows, block = Math.floor(row / size), key = `${this.part.source}-${block}`;
      const texts = this.texts.get(key);
      if (texts === undefined) {
        this.texts.set(key, null);
        this.part.table.text.block(block).then((found) => { this.texts.set(key, found); this.list.refresh(); });
      }
      const text = texts?.[row % size];
      return text === undefined ? "…" : text === null ? notHere : text.slice(0, 200);
    }
    soon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.apply(), 60);
    }
    async apply() {
      const began = performance.now(), { filter } = this, table = this.part.table;
      let matches = null;
      if (filter.text) {
        matches = this.matcher();
        if (!matches) { this.told.textContent = R.plain(_("The regular expression does not parse.")); return; }
      }
      const texts = matches ? await this.searched(this.part) : null;
      const plain = !matches && filter.side === "all" && filter.kind === "all" && !filter.connection && !filter.bad;
      if (plain) this.rows = null;
      else {
        const sides = this.part.section.messages.directions.map(([, sender, id]) =>
          (filter.side === "all" || filter.side === sender) && (!filter.connection || filter.connection === id));
        const wanted = filter.kind === "all" ? null : kinds[filter.kind], rows = [];
        for (let row = 0; row < table.rows; row += 1) {
          if (!sides[table.direction[row]] || (wanted && !wanted.includes(table.opcode[row]))) continue;
          if (filter.bad && !(table.marks[row] & faulty)) continue;
          if (matches && !(texts[row] && matches(texts[row]))) continue;
          rows.push(row);
        }
        this.rows = rows;
      }
      this.list.changed();
      R.perf.messageFilter = performance.now() - began;
      this.tell();
    }
    matcher() {
      if (!this.filter.regex) {
        const needle = this.filter.text.normalize("NFC").toLowerCase();
        return (text) => text.includes(needle);
      }
      try {
        const pattern = new RegExp(this.filter.text, "iu");
        return (text) => pattern.test(text);
      } catch {
        return null;
      }
    }
    /** All texts in lower case, made once: a search goes over them in milliseconds. */
    async searched(part) {
      part.lower ??= part.table.text.all().then((texts) => texts.map((text) => text && text.toLowerCase()));
      return part.lower;
    }
    tell() {
      const messages = this.part.section.messages, shown = this.rows ? this.rows.length : messages.rows;
      const parts = [_("{shown} of {total}", { shown: R.number(shown), total: R.number(messages.total) })];
      if (this.filter.text && messages.with_text < messages.total)
        parts.push(_("; the content of {count} was not searched: it is not in this file", { count: R.number(messages.total - messages.with_text) }));
      R.fill(this.told, parts);
      R.announce(parts[0]);
    }
    /** Texts in which a needle is found, for the search over everything: at most a few, and how many there are. */
    async search(needle, most) {
      const hits = [];
      let count = 0;
      for (const part of this.sections) {
        const texts = await part.table.text.all();
        (await this.searched(part)).forEach((text, row) => {
          if (!text || !text.includes(needle)) return;
          count += 1;
          if (hits.length < most) hits.push({ href: `#message-${this.id(row, part)}`, label: _("message {id}", { id: this.id(row, part) }), text: texts[row] });
        });
      }
      return { hits, count };
    }
    /** Show the message of a link; false where there is none. */
    async go(id) {
      for (const part of this.sections) {
        await part.table.load();
        for (let row = 0; row < part.table.rows; row += 1) {
          if (this.id(row, part) !== id) continue;
          this.turn(part);
          let index = this.rows ? this.rows.indexOf(row) : row;
          if (index < 0) { this.rows = null; this.list.changed(); this.tell(); index = row; }
          this.list.choose(index, false);
          await this.open(row, false);
          this.panel.scrollIntoView({ block: "nearest" });
          return true;
        }
      }
      return false;
    }
    async open(row, fromList) {
      const { part } = this, table = part.table, id = this.id(row);
      if (fromList) R.setHash(`message-${id}`);
      const place = part.places?.get(id);
      const [detail, text] = await Promise.all([place === undefined ? null : part.details.get(place), table.text.get(row)]);
      const [connection, sender] = part.section.messages.directions[table.direction[row]];
      const packet = table.packet[row] ? R.key(part.source, table.packet[row]) : null;
      this.panel.hidden = false;
      R.fill(this.panel,
        el("h3", {}, _("Message {id}", { id }), el("span", { class: "tag" }, opcodes[table.opcode[row]] ?? "?"),
          packet && el("a", { href: `#packet-${packet}` }, _("packet {number}", { number: packet })),
          el("button", { type: "button", class: "link", onclick: () => R.copy(R.citation(part.source, `message ${id}`, packet, table.after_ns[row], text ?? "")) }, _("Copy citation"))),
        el("dl", { class: "pairs" },
          el("dt", {}, _("sender")), el("dd", {}, sender === "client" ? _("client") : _("server"), " · ", el("a", { href: `#connection-${connection}` }, _("connection {number}", { number: connection }))),
          el("dt", {}, _("time")), el("dd", { class: "mono" }, `+${R.seconds(table.after_ns[row])} s`),
          el("dt", {}, _("size")), el("dd", {}, this.sizes(row)),
          detail && detail.anomalies.length ? [el("dt", {}, _("anomalies")), el("dd", {}, detail.anomalies.map((a) => [el("span", { class: "tag bad" }, R.term("anomaly", a.code)), ` ${a.detail} (${a.ref}) `]))] : null),
        el("h4", {}, _("Content")), this.content(text),
        detail ? this.steps(detail) : el("p", { class: "soft" }, _("The frames of this message are not in this file; inspector frames shows them.")));
    }
    sizes(row) {
      const table = this.part.table, length = table.length[row];
      if (length < 0) return _("not known");
      return table.marks[row] & compressed
        ? _("{length} bytes, {wire} on the wire", { length: R.number(length), wire: R.number(table.wire_length[row]) })
        : _("{length} bytes", { length: R.number(length) });
    }
    content(text) {
      if (text === null || text === undefined) return el("p", { class: "soft" }, _("content not in this file"));
      let shown = text;
      if (/^\s*[[{]/.test(text)) try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* no JSON */ }
      const block = el("pre", { class: "content", tabindex: 0 });
      block.textContent = R.cleanBlock(shown);
      return block;
    }
    steps(detail) {
      const list = el("ol", { class: "steps" });
      for (const frame of detail.frames) {
        const first = parseInt(frame.header_hex.slice(0, 2), 16), second = parseInt(frame.header_hex.slice(2, 4), 16);
        list.append(el("li", {},
          el("strong", {}, _("Frame {number}: the header", { number: frame.number })), " ",
          frame.packets.map((packet) => [el("a", { href: `#packet-${packet}` }, packet), " "]),
          el("pre", { class: "hex", tabindex: 0 }, frame.header_hex.replace(/(..)/g, "$1 ")),
          el("p", {}, `${R.byte(first)} = ${first.toString(2).padStart(8, "0")}: `, R.term("field", "websocket.fin", "FIN"), ` ${first >> 7}, `, R.term("field", "websocket.rsv", "RSV"), ` ${(first >> 4) & 7}, `,
            R.term("field", "websocket.opcode", "opcode"), ` ${first & 15} (${frame.type}) · ${R.byte(second)}: `, R.term("field", "websocket.mask", "MASK"), ` ${second >> 7}, `, _("payload {length} bytes", { length: R.number(frame.length) }))));
        if (frame.wire_hex === null) {
          list.append(el("li", {}, _("The payload holds a secret; neither its masked nor its clear bytes are in this report.")));
          continue;
        }
        if (frame.key_hex) list.append(el("li", {}, el("strong", {}, _("Unmask: each byte XOR a byte of the key, in turn")), this.xor(frame)));
        else if (frame.length) list.append(el("li", {}, el("strong", {}, _("Not masked: servers send in clear")), this.hexLine(frame.wire_hex, frame.length)));
      }
      if (detail.frames_total > detail.frames.length)
        list.append(el("li", {}, _("{count} more frames", { count: detail.frames_total - detail.frames.length })));
      if (detail.compressed && detail.content_hex !== null)
        list.append(el("li", {}, el("strong", {}, _("Inflate: append 00 00 ff ff and undo DEFLATE, with the window of the messages before")), this.hexLine(detail.content_hex, detail.content_bytes)));
      return [el("h4", {}, _("Frame by frame")), list];
    }
    xor(frame) {
      const wire = R.hex(frame.wire_hex).slice(0, 12), key = R.hex(frame.key_hex), clear = R.hex(frame.unmasked_hex).slice(0, 12);
      const line = (title, values) => el("tr", {}, el("th", { scope: "row" }, title), [...values].map((value) => el("td", {}, R.byte(value))));
      const letters = el("tr", {}, el("th", { scope: "row" }, _("as text")), [...clear].map((value) => el("td", {}, value > 31 && value < 127 ? String.fromCharCode(value) : "·")));
      return [el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": _("Unmasking, byte by byte") }, el("table", { class: "xor" }, line(_("on the wire"), wire), line(_("key"), [...wire].map((v, i) => key[i % 4])), line(_("unmasked"), clear), letters)),
        this.hexLine(frame.unmasked_hex, frame.length)];
    }
    hexLine(hex, total) {
      const octets = R.hex(hex), rows = [];
      for (let at = 0; at < Math.min(octets.length, 128); at += 16) {
        const row = octets.slice(at, at + 16);
        rows.push(`${at.toString(16).padStart(4, "0")}  ${[...row].map(R.byte).join(" ").padEnd(48)} ${[...row].map((v) => (v > 31 && v < 127 ? String.fromCharCode(v) : "·")).join("")}`);
      }
      const block = el("pre", { class: "hex", tabindex: 0 });
      block.textContent = rows.join("\n");
      return total > 128 ? [block, el("p", { class: "soft" }, _("the first {shown} of {total} bytes", { shown: Math.min(octets.length, 128), total: R.number(total) }))] : block;
    }
  };
})();

"use strict";
/* One packet: layers and fields on one side, bytes and bits on the other; each marks the other. */
(() => {
  const { el, svg, _ } = R;

  R.ByteView = class {
    constructor(place) {
      this.place = place;
    }
    missing(part, number, source) {
      R.fill(this.place, el("div", { class: "panel", id: `packet-${R.key(part.source, number)}`, tabindex: -1 },
        el("h3", {}, _("Packet {number}", { number: R.number(number) })),
        el("p", {}, _("The bytes of this packet are not in this file, to keep it small. Where the capture is:")),
        el("pre", { class: "command", tabindex: 0 }, `inspector packet ${source.name} ${number}`)));
    }
    show(part, view, range) {
      const id = R.key(part.source, view.number);
      this.part = part;
      this.view = view;
      this.marks = [];
      this.pinned = null;
      this.cells = {};
      this.letters = {};
      this.data = { packet: R.hex(view.bytes) };
      for (const [name, bytes] of Object.entries(view.spaces)) this.data[name] = R.hex(bytes);
      this.explain = el("div", { class: "explain", "aria-live": "polite" }, el("p", { class: "soft" }, _("Point at a field, a byte or a bit, or move to one with the Tab key; a click holds it.")));
      const layers = view.layers.map((layer, index) => this.layer(layer, index));
      const hex = [this.hex("packet", view.layers)];
      if (this.data.reassembled) hex.push(el("h4", {}, _("Put together from fragments")), this.hex("reassembled", view.layers));
      if (this.data.decrypted) hex.push(el("h4", {}, _("What it carried encrypted")), this.hex("decrypted", view.layers));
      const comments = view.comments.map((comment) => el("p", { class: "tag" }, comment));
      R.fill(this.place, el("div", { class: "panel", id: `packet-${id}`, tabindex: -1 },
        el("h3", {}, _("Packet {number}", { number: R.number(view.number) }),
          view.after_ns === null ? null : el("span", { class: "mono soft" }, `+${R.seconds(view.after_ns)} s`),
          el("span", { class: "soft" }, _("{captured} of {wire} bytes captured", { captured: R.number(view.captured_bytes), wire: R.number(view.wire_bytes) })),
          view.connection === null ? null : el("a", { href: `#connection-${view.connection}` }, _("connection {number}", { number: view.connection })),
          el("button", { type: "button", class: "link", onclick: () => R.copy(R.citation(part.source, null, id, view.after_ns, view.bytes.slice(0, 128).replace(/(..)/g, "$1 "))) }, _("Copy citation"))),
        comments, view.hidden ? el("p", { class: "tag bad" }, _("Bytes of secrets are shown as 2a (an asterisk).")) : null,
        el("div", { class: "columns" },
          el("div", {}, layers),
          el("div", {}, hex, this.explain, el("div", { class: "bit-place" })))));
      this.bitPlace = this.place.querySelector(".bit-place");
      const last = [...view.layers].reverse().find((layer) => layer.fields.length);
      if (last) this.bits(last);
      if (range) this.markRange(range);
    }
    field(key) { return this.part.section.fields[key]; }
    layer(layer, index) {
      const known = this.part.section.layers[layer.layer], colour = (index % 6) + 1;
      const title = layer.title ?? known.title;
      const box = el("details", { class: `layer key-${colour}`, open: index === this.view.layers.length - 1 || R.learn },
        el("summary", {}, title, layer.summary ? el("span", { class: "soft" }, " ", layer.summary) : null));
      if (known.meaning && layer.fields.length) {
        const told = known.ref ? [known.meaning, ` (${known.ref})`] : known.meaning;
        box.append(el("p", { class: "soft small" }, told));
      }
      box.append(this.fields(layer, layer.fields));
      if (layer.checksum) box.append(el("p", { class: "soft small" }, _("Checksum"), ": ", layer.checksum));
      if (layer.link) box.append(el("p", { class: "soft small" }, layer.link));
      if (layer.unmasked) box.append(this.unmasked(layer.unmasked));
      box.addEventListener("toggle", () => { if (box.open && layer.fields.length) this.bits(layer); });
      return box;
    }
    unmasked(hex) {
      const octets = R.hex(hex), block = el("pre", { class: "hex", tabindex: 0 });
      block.textContent = R.cleanBlock(new TextDecoder().decode(octets.slice(0, 512)));
      return [el("p", { class: "soft small" }, _("Unmasked, as text")), block].reduce((holder, node) => { holder.append(node); return holder; }, el("div"));
    }
    fields(layer, fields) {
      const list = el("ul", { class: "fields" });
      for (const field of fields) {
        const known = this.field(field.field);
        const button = el("button", { type: "button", class: "field" }, el("span", {}, known.title), el("span", { class: "value" }, field.text, field.anomaly ? ` ! ${field.anomaly}` : ""));
        const mark = { layer, field, button, space: layer.space, start: Math.floor(field.bits[0] / 8), end: Math.ceil((field.bits[0] + field.bits[1]) / 8) };
        this.marks.push(mark);
        button.addEventListener("mouseenter", () => this.point(mark));
        button.addEventListener("focus", () => this.mark(mark));
        button.addEventListener("click", () => this.pin(mark));
        list.append(el("li", {}, button, field.fields.length ? this.fields(layer, field.fields) : null));
      }
      return list;
    }
    hex(space, layers) {
      const data = this.data[space], holder = el("div", { class: "bytes", role: "group", "aria-label": _("Bytes of the packet"), tabindex: 0 });
      const colours = new Uint8Array(data.length);
      layers.forEach((layer, index) => {
        if (layer.space === space) colours.fill((index % 6) + 1, layer.range[0], layer.range[0] + layer.range[1]);
      });
      const cells = [], letters = [];
      for (let at = 0; at < data.length; at += 16) {
        const octets = el("span", { class: "octets" }), text = el("span", { class: "text" });
        for (let index = at; index < Math.min(at + 16, data.length); index += 1) {
          const cell = el("span", { class: `octet${colours[index] ? ` layer-${colours[index]}` : ""}` }, R.byte(data[index]));
          cell.dataset.index = index;
          cells.push(cell);
          octets.append(cell);
          const letter = el("span", {}, data[index] > 31 && data[index] < 127 ? String.fromCharCode(data[index]) : "·");
          letters.push(letter);
          text.append(letter);
        }
        holder.append(el("div", { class: "row" }, el("span", { class: "offset" }, at.toString(16).padStart(4, "0")), octets, text));
      }
      this.cells[space] = cells;
      this.letters[space] = letters;
      let current = -1;
      const point = (index) => {
        current = index;
        const found = this.innermost(space, index);
        if (found) this.mark(found);
        else this.highlight(space, index, index + 1);
      };
      holder.addEventListener("mouseover", (event) => { if (event.target.dataset.index && !this.pinned) point(Number(event.target.dataset.index)); });
      holder.addEventListener("click", (event) => {
        if (!event.target.dataset.index) return;
        this.pin(this.innermost(space, Number(event.target.dataset.index)));
        R.setHash(`packet-${R.key(this.part.source, this.view.number)}-byte-${event.target.dataset.index}`);
      });
      holder.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 16, ArrowUp: -16 }[event.key];
        if (!step) return;
        event.preventDefault();
        point(Math.max(Math.min(current + step, data.length - 1), 0));
      });
      if (this.view.captured_bytes > data.length && space === "packet")
        holder.append(el("p", { class: "soft" }, _("{count} more bytes are not in this file", { count: R.number(this.view.captured_bytes - data.length) })));
      return holder;
    }
    innermost(space, index) {
      let found = null;
      for (const mark of this.marks)
        if (mark.space === space && mark.start <= index && index < mark.end && (!found || mark.field.bits[1] <= found.field.bits[1])) found = mark;
      return found;
    }
    highlight(space, start, end) {
      for (const cells of Object.values(this.cells)) for (const cell of cells) cell.classList.remove("hit");
      for (const letters of Object.values(this.letters)) for (const letter of letters) letter.classList.remove("hit");
      for (let index = start; index < end; index += 1) {
        this.cells[space]?.[index]?.classList.add("hit");
        this.letters[space]?.[index]?.classList.add("hit");
      }
    }
    /** The pointer is over a field: it is marked, unless another one is held. */
    point(mark) {
      if (!this.pinned) this.mark(mark);
    }
    /** Hold a field, so that the pointer can go to its explanation; the same again lets go. */
    pin(mark) {
      this.pinned = mark && this.pinned !== mark ? mark : null;
      if (mark) this.mark(mark);
    }
    mark(mark) {
      for (const other of this.marks) other.button.classList.toggle("hit", other === mark);
      // A folded layer is not opened by the pointer, which would move everything under it; its title is marked.
      for (const box of this.place.querySelectorAll("details.layer")) box.classList.toggle("holds", box.contains(mark.button));
      this.highlight(mark.space, mark.start, mark.end);
      const known = this.field(mark.field.field);
      const place = mark.field.bits[1] % 8 || mark.field.bits[0] % 8
        ? _("bits {start}–{end} of byte {byte}", { start: mark.field.bits[0] % 8, end: (mark.field.bits[0] % 8) + mark.field.bits[1] - 1, byte: mark.start })
        : _("bytes {start}–{end}", { start: mark.start, end: mark.end - 1 });
      R.fill(this.explain,
        el("p", {}, el("strong", {}, known.title), " = ", el("span", { class: "mono" }, mark.field.text)),
        el("p", {}, known.meaning),
        el("p", { class: "soft small" }, place, known.ref ? ` · ${known.ref}` : ""));
      const told = R.report.explanations?.[known.explain];
      if (told) this.explain.append(this.more(told));
      if (this.drawn !== mark.layer) this.bits(mark.layer);
      for (const cell of this.bitPlace.querySelectorAll("g[data-key]")) cell.classList.toggle("hit", cell.dataset.key === mark.field.field && Number(cell.dataset.bit) === mark.field.bits[0]);
    }
    /** What inspector explain tells of a field beyond its meaning. */
    more(told) {
      const rows = [[_("On the wire"), told.where], [_("Why it matters"), told.why], [_("Values"), this.values(told)],
        [_("Wireshark filter"), told.wireshark_filter && el("code", {}, told.wireshark_filter)], [_("In Wireshark"), told.wireshark_menu],
        [_("See also"), told.see.map((key) => [R.term(R.report.explanations[key].kind, key.slice(key.indexOf("-") + 1), R.report.explanations[key].term), " "])]];
      const box = el("details", { class: "learn", open: this.opened ?? R.learn }, el("summary", {}, _("More about this field")),
        el("dl", { class: "pairs" }, rows.filter(([, text]) => text && text.length !== 0).map(([title, text]) => [el("dt", {}, title), el("dd", {}, text)])));
      box.addEventListener("toggle", () => { this.opened = box.open; });
      return box;
    }
    values(told) {
      const named = Object.entries(told.values).slice(0, 16).map(([value, name], place) => [place ? ", " : "", value, " ", name]);
      return named.length ? named : null;
    }
    markRange(range) {
      const found = range[1] - range[0] === 1 ? this.innermost("packet", range[0]) : null;
      if (found) {
        found.button.closest("details").open = true;
        this.pin(found);
      }
      this.highlight("packet", range[0], range[1]);
    }
    /** The bit diagram of a layer, 32 bits a row, with values in the cells. */
    bits(layer) {
      this.drawn = layer;
      const first = layer.range[0] * 8, leaves = [];
      const collect = (fields) => fields.forEach((field) => {
        const parts = field.fields.reduce((sum, part) => sum + part.bits[1], 0);
        if (parts === field.bits[1] && field.bits[1] <= 32) collect(field.fields);
        else leaves.push(field);
      });
      collect(layer.fields);
      const cells = [];
      for (const field of leaves) {
        let begin = field.bits[0] - first, left = field.bits[1];
        while (left > 0 && begin < 32 * 24) {
          const size = Math.min(left, 32 - (begin % 32));
          cells.push({ row: Math.floor(begin / 32), column: begin % 32, size, field, more: left < field.bits[1] });
          begin += size;
          left -= size;
        }
      }
      const rows = cells.length ? Math.max(...cells.map((cell) => cell.row)) + 1 : 0, width = 18, height = 30, top = 14;
      const known = this.part.section.layers[layer.layer];
      const drawing = svg("svg", { class: "bits", viewBox: `0 0 ${32 * width + 2} ${rows * height + top + 2}`, role: "img", "aria-label": _("Bits of the header, 32 in a row") });
      for (let bit = 0; bit < 32; bit += 1) if (bit % 4 === 0 || bit === 31) drawing.append(svg("text", { class: "scale", x: bit * width + width / 2 + 1, y: 10 }, String(bit)));
      for (const { row, column, size, field, more } of cells) {
        const x = column * width + 1, y = row * height + top, title = R.plain(this.field(field.field).title), letters = size === 1 ? 4 : Math.floor((size * width) / 5.6);
        const value = R.plain(field.text), cell = svg("g", {}, svg("title", {}, `${title} = ${value}`), svg("rect", { x, y, width: size * width, height }));
        cell.dataset.key = field.field;
        cell.dataset.bit = field.bits[0];
        if (more) {
          // What does not fit into a row goes on in the next: named once.
          cell.append(svg("text", { class: "scale", x: x + (size * width) / 2, y: y + 18 }, "⋯"));
          cell.addEventListener("mouseenter", () => { const mark = this.marks.find((one) => one.field === field); if (mark) this.point(mark); });
          drawing.append(cell);
          continue;
        }
        cell.append(svg("text", { class: size === 1 ? "narrow" : null, x: x + (size * width) / 2, y: y + 12 }, title.length > letters ? title.slice(0, Math.max(letters - 1, 1)) + (letters > 3 ? "…" : "") : title));
        const short = /^([0-9a-f]{2} )+[0-9a-f]{2}$/.test(value) ? value : value.split(" ")[0];
        cell.append(svg("text", { class: "value", x: x + (size * width) / 2, y: y + 24 }, short.length * 5.6 > size * width ? short.slice(0, Math.max(Math.floor((size * width) / 5.6) - 1, 1)) : short));
        cell.addEventListener("mouseenter", () => { const mark = this.marks.find((one) => one.field === field); if (mark) this.point(mark); });
        drawing.append(cell);
      }
      R.fill(this.bitPlace, el("h4", {}, known.title), rows ? drawing : null);
    }
  };
})();

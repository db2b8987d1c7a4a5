"use strict";
/*
 * A list of any length: only the rows that can be seen exist, 24 pixels each. Above 8 million pixels, which browsers do
 * not draw well, the scroll bar stands for a part of the list; arrow keys go by rows, never by pixels.
 */
(() => {
  const rowHeight = 24, headHeight = 30, mostPixels = 8_000_000, mostPrinted = 200;
  /** Rows drawn beyond each edge: the browser scrolls before we draw. */
  const mostAhead = 6;
  let lists = 0;

  R.List = class {
    /**
     * @param {object} options label; columns [{title, width, numeric}]; count(); row(index) -> {cells, bad};
     *   open(index)
     */
    constructor(options) {
      this.options = options;
      this.id = `list-${(lists += 1)}`;
      this.active = -1;
      this.pool = [];
      const template = options.columns.map((column) => column.width).join(" ");
      this.head = R.el("div", { class: "grid-head", role: "row", "aria-rowindex": 1 });
      for (const column of options.columns)
        this.head.append(R.el("span", { role: "columnheader", class: column.numeric ? "n" : "" }, column.title));
      this.space = R.el("div", { class: "grid-space", role: "presentation" });
      this.body = R.el("div", { class: "grid-body", role: "rowgroup" }, this.space);
      this.grid = R.el("div", {
        class: "grid", role: "grid", tabindex: 0, "aria-label": options.label, "aria-colcount": options.columns.length,
      }, R.el("div", { class: "grid-top", role: "rowgroup" }, this.head), this.body);
      this.head.style.gridTemplateColumns = template;
      this.template = template;
      this.grid.addEventListener("scroll", () => this.ask());
      this.grid.addEventListener("keydown", (event) => this.key(event));
      this.body.addEventListener("click", (event) => {
        const row = event.target.closest(".grid-row");
        if (row) this.choose(Number(row.dataset.index), true);
      });
      new ResizeObserver(() => this.ask()).observe(this.grid);
      this.waiting = false;
      this.edition = 0;
      this.activeId = null;
    }
    get count() { return this.options.count(); }
    /** Pixels in which rows are seen. */
    get height() { return Math.max(this.grid.clientHeight - headHeight, rowHeight); }
    get visible() { return Math.ceil(this.height / rowHeight); }
    /** The list has other rows now. */
    changed() {
      this.space.style.height = `${Math.min(this.count * rowHeight, mostPixels)}px`;
      this.grid.setAttribute("aria-rowcount", this.count + 1);
      if (this.active >= this.count) this.active = -1;
      this.edition += 1;
      this.draw();
    }
    /** The rows are the same, what stands in them is not. */
    refresh() {
      this.edition += 1;
      this.ask();
    }
    ask() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => { this.waiting = false; this.draw(); });
    }
    /** The row at the upper edge, where the list is scrolled so far. */
    first(top = this.grid.scrollTop, visible = this.visible) {
      if (this.count * rowHeight <= mostPixels) return Math.floor(top / rowHeight);
      const part = top / Math.max(mostPixels - this.height, 1);
      return Math.round(part * Math.max(this.count - visible + 1, 0));
    }
    /**
     * Draw what can be seen. What is read of the layout is read first: a reading after a writing would lay out anew. A
     * row keeps its element while it is seen, so that scrolling writes only the rows that come into view.
     */
    draw() {
      const { count, printing } = this, top = this.grid.scrollTop, visible = this.visible;
      const first = printing ? 0 : Math.max(Math.min(this.first(top, visible), count - 1), 0);
      const start = printing ? 0 : Math.max(first - mostAhead, 0);
      const end = Math.min(printing ? mostPrinted : first + visible + 2 + mostAhead, count);
      this.provide(Math.min(printing ? mostPrinted : visible + 2 + 2 * mostAhead, count));
      const exact = count * rowHeight <= mostPixels, size = this.pool.length;
      for (const slot of this.pool) slot.used = false;
      let activeId = null;
      for (let index = start; index < end; index += 1) {
        const slot = this.pool[index % size];
        slot.used = true;
        if (slot.index !== index || slot.edition !== this.edition) this.write(slot, index);
        const y = exact ? index * rowHeight : top + (index - first) * rowHeight, active = index === this.active;
        if (slot.y !== y) slot.row.style.transform = `translateY(${(slot.y = y)}px)`;
        if (slot.active !== active) this.light(slot, active);
        if (active) activeId = slot.row.id;
      }
      for (const slot of this.pool) {
        if (slot.row.hidden === slot.used) slot.row.hidden = !slot.used;
        if (slot.active && !slot.used) this.light(slot, false);
      }
      if (activeId === this.activeId) return;
      this.activeId = activeId;
      if (activeId) this.grid.setAttribute("aria-activedescendant", activeId);
      else this.grid.removeAttribute("aria-activedescendant");
    }
    /** Mark the row that is chosen. */
    light(slot, active) {
      slot.active = active;
      slot.row.classList.toggle("active", active);
      slot.row.setAttribute("aria-selected", active);
    }
    /** Have so many elements for rows. */
    provide(size) {
      if (this.pool.length === size) return;
      for (const slot of this.pool.splice(size)) slot.row.remove();
      while (this.pool.length < size) {
        const row = R.el("div", { class: "grid-row", role: "row", id: `${this.id}-${this.pool.length}`, "aria-selected": "false" });
        row.style.gridTemplateColumns = this.template;
        const cells = this.options.columns.map((column) => {
          const span = R.el("span", { role: "gridcell", class: column.numeric ? "n" : null }, "");
          row.append(span);
          return { span, shown: "" };
        });
        this.pool.push({ row, cells, index: -1, edition: -1, y: null, active: false, bad: false, used: false });
        this.body.append(row);
      }
      this.edition += 1;
    }
    /** Put a row into an element: only what is not there already. */
    write(slot, index) {
      const { cells, bad } = this.options.row(index);
      if (slot.index !== index) {
        slot.row.dataset.index = index;
        slot.row.setAttribute("aria-rowindex", index + 2);
      }
      if (slot.bad !== Boolean(bad)) slot.row.classList.toggle("bad", (slot.bad = Boolean(bad)));
      slot.index = index;
      slot.edition = this.edition;
      cells.forEach((cell, column) => {
        const place = slot.cells[column];
        if (place.shown === cell) return;
        place.shown = cell;
        if (cell && typeof cell === "object") R.fill(place.span, cell);
        else place.span.textContent = R.clean(cell);
      });
    }
    /** Bring a row into view. */
    show(index) {
      const height = this.height, first = this.first(), visible = Math.floor(height / rowHeight);
      if (index >= first && index < first + visible) return;
      const top = Math.max(Math.min(index - Math.floor(visible / 3), this.count - visible), 0);
      if (this.count * rowHeight <= mostPixels) this.grid.scrollTop = top * rowHeight;
      else this.grid.scrollTop = (top / Math.max(this.count - Math.ceil(height / rowHeight) + 1, 1)) * (mostPixels - height);
    }
    choose(index, open) {
      if (index < 0 || index >= this.count) return;
      this.active = index;
      this.show(index);
      this.draw();
      if (open) this.options.open(index);
    }
    key(event) {
      const page = Math.max(this.visible - 2, 1);
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
      if (event.key in steps) {
        event.preventDefault();
        const from = this.active < 0 ? (steps[event.key] > 0 ? -1 : 0) : this.active;
        this.choose(Math.max(Math.min(from + steps[event.key], this.count - 1), 0), false);
      } else if (event.key === "Enter" && this.active >= 0) {
        event.preventDefault();
        this.options.open(this.active);
      }
    }
    /** On paper a list shows its first rows, from the one chosen on. */
    print(on) {
      this.printing = on;
      this.changed();
    }
  };
  /** A button among others of which one is pressed. */
  R.choice = (label, items, change) => {
    const group = R.el("span", { class: "switch", role: "group", "aria-label": label });
    for (const [value, title] of items)
      group.append(R.el("button", {
        type: "button", "aria-pressed": String(value === items[0][0]),
        onclick: () => { group.choose(value); change(value); },
      }, title));
    /** Show which one is chosen, where it was chosen elsewhere. */
    group.choose = (value) => items.forEach(([one], place) => group.children[place].setAttribute("aria-pressed", String(one === value)));
    return group;
  };
})();

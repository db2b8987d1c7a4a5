"use strict";
/*
 * A list of any length: only the rows that can be seen exist, 24 pixels each. Above 8 million pixels, which browsers do
 * not draw well, the scroll bar stands for a part of the list; arrow keys go by rows, never by pixels.
 */
(() => {
  const rowHeight = 24, headHeight = 30, mostPixels = 8_000_000, mostPrinted = 200;
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
      this.renders = 0;
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
      this.draw();
    }
    ask() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => { this.waiting = false; this.draw(); });
    }
    first() {
      const total = this.count * rowHeight;
      if (total <= mostPixels) return Math.floor(this.grid.scrollTop / rowHeight);
      const part = this.grid.scrollTop / Math.max(mostPixels - this.height, 1);
      return Math.round(part * Math.max(this.count - this.visible + 1, 0));
    }
    draw() {
      const count = this.count, printing = this.printing;
      const first = printing ? 0 : Math.max(Math.min(this.first(), count - 1), 0);
      const rows = Math.min(printing ? mostPrinted : this.visible + 2, count - first);
      const exact = count * rowHeight <= mostPixels;
      while (this.pool.length < rows) {
        const row = R.el("div", { class: "grid-row", role: "row", id: `${this.id}-${this.pool.length}` });
        row.style.gridTemplateColumns = this.template;
        for (const column of this.options.columns)
          row.append(R.el("span", { role: "gridcell", class: column.numeric ? "n" : "" }));
        this.pool.push(row);
        this.body.append(row);
      }
      let activeId = null;
      this.pool.forEach((row, place) => {
        row.hidden = place >= rows;
        if (place >= rows) return;
        const index = first + place;
        const { cells, bad } = this.options.row(index);
        row.dataset.index = index;
        row.setAttribute("aria-rowindex", index + 2);
        row.setAttribute("aria-selected", index === this.active);
        row.className = `grid-row${index === this.active ? " active" : ""}${bad ? " bad" : ""}`;
        row.style.transform = `translateY(${exact ? index * rowHeight : this.grid.scrollTop + place * rowHeight}px)`;
        if (index === this.active) activeId = row.id;
        cells.forEach((cell, column) => {
          const span = row.children[column];
          if (cell instanceof Node || (cell && typeof cell === "object")) R.fill(span, cell);
          else span.textContent = R.clean(cell);
        });
      });
      if (activeId) this.grid.setAttribute("aria-activedescendant", activeId);
      else this.grid.removeAttribute("aria-activedescendant");
      this.renders += 1;
    }
    /** Bring a row into view. */
    show(index) {
      const first = this.first(), visible = Math.floor(this.height / rowHeight);
      if (index >= first && index < first + visible) return;
      const top = Math.max(Math.min(index - Math.floor(visible / 3), this.count - visible), 0);
      if (this.count * rowHeight <= mostPixels) this.grid.scrollTop = top * rowHeight;
      else this.grid.scrollTop = (top / Math.max(this.count - this.visible + 1, 1)) * (mostPixels - this.height);
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
      this.draw();
    }
  };
  /** A button among others of which one is pressed. */
  R.choice = (label, items, change) => {
    const group = R.el("span", { class: "switch", role: "group", "aria-label": label });
    for (const [value, title] of items)
      group.append(R.el("button", {
        type: "button", "aria-pressed": String(value === items[0][0]),
        onclick: (event) => {
          for (const other of group.children) other.setAttribute("aria-pressed", String(other === event.currentTarget));
          change(value);
        },
      }, title));
    return group;
  };
})();

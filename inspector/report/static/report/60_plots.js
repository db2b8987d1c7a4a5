"use strict";
/* Plots of throughput, sequence numbers and round trips. A canvas says nothing to a screen reader: each has its numbers beside it. */
(() => {
  const { el, _ } = R;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  R.Plots = class {
    constructor(report, place) {
      this.report = report;
      this.place = place;
      this.drawn = [];
    }
    start() {
      const seen = new IntersectionObserver((entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        this.draw();
      }, { rootMargin: "400px" });
      seen.observe(this.place);
    }
    draw() {
      for (const plot of this.drawn) plot.destroy();
      this.drawn = [];
      this.place.replaceChildren();
      this.report.sections.forEach((section) => {
        const { plots } = section, marks = plots.marks;
        if (plots.throughput.after_s.length) this.throughput(plots.throughput, marks);
        for (const one of plots.connections) this.connection(one, marks);
      });
      if (!this.place.childElementCount) this.place.append(el("p", { class: "empty" }, _("There is nothing to plot.")));
    }
    throughput(data, marks) {
      const most = Math.max(...data.bits_per_s), mean = data.bits_per_s.reduce((a, b) => a + b, 0) / data.bits_per_s.length;
      this.plot(_("Throughput"), _("at most {most} and on average {mean} Mbit/s, in steps of {step} s", { most: (most / 1e6).toFixed(3), mean: (mean / 1e6).toFixed(3), step: data.bin_s.toPrecision(3) }),
        [data.after_s, data.bits_per_s.map((value) => value / 1e6)],
        [{ label: "Mbit/s", stroke: colour("--accent"), fill: colour("--accent-soft"), width: 1.5, paths: uPlot.paths.stepped({ align: 1 }) }], "Mbit/s", marks);
    }
    connection(one, marks) {
      const sides = [["client", one.sequence.client], ["server", one.sequence.server]].filter(([, side]) => side.after_s.length > 1);
      if (sides.length) {
        const tables = sides.map(([, side]) => [side.after_s, side.bytes, side.bytes.map((value, at) => (side.resent[at] ? value : null))]);
        const data = uPlot.join(tables), series = [];
        for (const [name] of sides) {
          series.push({ label: R.plain(name === "client" ? _("client") : _("server")), stroke: colour(name === "client" ? "--accent" : "--pass"), width: 1.5, spanGaps: true, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } });
          series.push({ label: R.plain(_("resent")), stroke: colour("--error"), width: 0, points: { show: true, size: 7, fill: colour("--error") } });
        }
        const told = sides.map(([name, side]) => `${R.plain(name === "client" ? _("client") : _("server"))} ${R.number(side.bytes.at(-1))} B, ${R.plain(_("resent"))} ${side.resent.filter(Boolean).length}`).join("; ");
        this.plot(_("Bytes sent on connection {number}", { number: one.connection }), told, data, series, R.plain(_("bytes")), marks);
      }
      if (one.rtt.ms.length > 2) {
        const sorted = [...one.rtt.ms].sort((a, b) => a - b), at = (part) => sorted[Math.floor((sorted.length - 1) * part)];
        this.plot(_("Round trips on connection {number}", { number: one.connection }),
          _("{count} samples: median {median} ms, 95 % below {most} ms", { count: R.number(sorted.length), median: at(0.5).toFixed(3), most: at(0.95).toFixed(3) }),
          [one.rtt.after_s, one.rtt.ms.map((value, index) => (one.rtt.from_client[index] ? value : null)), one.rtt.ms.map((value, index) => (one.rtt.from_client[index] ? null : value))],
          [{ label: R.plain(_("acknowledged by the client")), stroke: colour("--accent"), paths: () => null, points: { show: true, size: 5, fill: colour("--accent") } },
            { label: R.plain(_("acknowledged by the server")), stroke: colour("--pass"), paths: () => null, points: { show: true, size: 5, fill: colour("--pass") } }], "ms", marks);
      }
    }
    plot(title, told, data, series, unit, marks) {
      const holder = el("div", { class: "plot" }, el("h3", {}, title), el("p", { class: "soft" }, told));
      this.place.append(holder);
      const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
      const width = Math.max(this.place.clientWidth - 4, 300);
      this.drawn.push(new uPlot({
        width, height: 240, scales: { x: { time: false } },
        axes: [{ ...axis, values: (plot, values) => values.map((value) => `${value} s`) }, { ...axis, size: 76, label: unit, labelSize: 18, values: (plot, values) => values.map((value) => R.number(value)) }],
        series: [{ label: R.plain(_("time s")), value: (plot, value) => (value === null ? "" : value.toFixed(6)) }, ...series],
        hooks: { draw: [(plot) => this.marks(plot, marks)] },
        cursor: { drag: { x: true, y: false } },
      }, data, holder));
      holder.querySelector(".uplot")?.setAttribute("aria-hidden", "true");
    }
    marks(plot, marks) {
      const { ctx } = plot;
      ctx.save();
      ctx.strokeStyle = colour("--error");
      ctx.fillStyle = colour("--error");
      ctx.setLineDash([4, 4]);
      ctx.font = `${12 * devicePixelRatio}px sans-serif`;
      for (const mark of marks) {
        const x = plot.valToPos(mark.after_s, "x", true);
        if (x < plot.bbox.left - 1 || x > plot.bbox.left + plot.bbox.width + 1) continue;
        ctx.beginPath();
        ctx.moveTo(x, plot.bbox.top);
        ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
        ctx.stroke();
      }
      ctx.restore();
    }
  };
})();

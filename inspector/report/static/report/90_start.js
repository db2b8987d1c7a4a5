"use strict";
/* Starts everything: the page can be read already, this adds what needs the data. */
R.ready = (async () => {
  R.report = await R.json("report");
  R.learn = R.report.level === "learn";
  R.messages = new R.Messages(R.report, document.getElementById("messages"));
  R.packets = new R.Packets(R.report, document.getElementById("packet-list"), document.getElementById("packet-view"));
  R.exchanges = new R.Exchanges(R.report, document.getElementById("exchange-detail"));
  R.plots = new R.Plots(R.report, document.getElementById("plot-area"));
  const follow = R.startNavigation();
  R.exchanges.start();
  R.plots.start();
  await Promise.all([R.messages.start(), R.packets.start()]);
  await follow();
  document.documentElement.dataset.ready = "true";
})();

"use strict";
// Sends to /ws/echo/ and lists what comes back with the round-trip time.
const scheme = location.protocol === "https:" ? "wss" : "ws";
const socket = new WebSocket(`${scheme}://${location.host}/ws/echo/`);
const sent = [];
const list = document.getElementById("messages");

socket.onmessage = (event) => {
  const item = document.createElement("li");
  item.textContent = `${event.data} (${(performance.now() - sent.shift()).toFixed(1)} ms)`;
  list.append(item);
};
socket.onclose = (event) => {
  document.getElementById("status").textContent = `${event.code} ${event.reason}`;
};
document.getElementById("echo").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.getElementById("text");
  if (socket.readyState !== WebSocket.OPEN) return;
  sent.push(performance.now());
  socket.send(field.value);
  field.value = "";
});

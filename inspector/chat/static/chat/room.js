"use strict";
// The room page. Everything that comes from people goes into the page as text (textContent), never as HTML.

const room = document.getElementById("room");
const texts = JSON.parse(document.getElementById("texts").textContent);
const element = (id) => document.getElementById(id);
const VERSION = 1;
const HEARTBEAT_MS = 25000; // the server forgets a user after 60 s without one
const TYPING_MS = 3000;
const MAX_BACKOFF_S = 30;

let socket = null;
let attempts = 0;
let self = null;
let oldest = null;
let stopTyping = null;
const people = new Map(); // id -> name
const chosen = new Set(); // ids of the people to write to only
const typing = new Map(); // id -> timer

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function send(type, fields = {}) {
  if (socket === null || socket.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify({ v: VERSION, type, ...fields }));
  return true;
}

function status(text, lost = false) {
  element("status").textContent = text;
  element("status").classList.toggle("lost", lost);
}

function note(text) {
  place(make("li", "note", text), false);
}

function place(item, before) {
  const list = element("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  if (before) list.prepend(item);
  else list.append(item);
  if (!before && atEnd) list.scrollTop = list.scrollHeight;
}

function showLikes(button, likes) {
  button.textContent = likes.length ? `♥ ${likes.length}` : "♡";
  button.setAttribute("aria-pressed", String(likes.includes(self.id)));
}

function showMessage(message, before = false) {
  // History and live messages overlap when somebody speaks while we enter.
  if (document.getElementById(`message-${message.id}`)) return;
  const item = make("li", message.private ? "private" : "");
  item.id = `message-${message.id}`;
  const time = make("time", "", new Date(message.sent_at).toLocaleTimeString());
  time.dateTime = message.sent_at;
  item.append(make("span", "name", message.author.name), make("span", "text", message.text));
  if (message.upload) {
    const link = make("a", "upload", `${message.upload.name} (${message.upload.size} B)`);
    link.href = `/uploads/${Number(message.upload.id)}/`;
    item.append(link);
  }
  if (message.private) {
    const names = message.to.map((id) => people.get(id) ?? `#${id}`).join(", ");
    item.append(" ", make("span", "note", `(${fill(texts["only to"], { names })})`));
  }
  const like = make("button", "like");
  like.type = "button";
  like.title = texts.like;
  showLikes(like, message.likes);
  like.addEventListener("click", () =>
    send("chat.like", { message: message.id, like: like.getAttribute("aria-pressed") !== "true" }));
  item.append(like, " ", time);
  if (oldest === null || message.id < oldest) oldest = message.id;
  place(item, before);
}

function showPresent(present) {
  const list = element("present");
  list.replaceChildren();
  for (const user of present) {
    people.set(user.id, user.name);
    const label = make("label");
    const box = make("input");
    box.type = "checkbox";
    box.value = user.id;
    box.checked = chosen.has(user.id);
    box.disabled = user.id === self.id;
    box.addEventListener("change", () => (box.checked ? chosen.add(user.id) : chosen.delete(user.id)));
    label.append(box, " ", user.name);
    const item = make("li");
    item.append(label);
    list.append(item);
  }
  // Who left cannot be chosen any more; the message would stay private to an unseen reader.
  for (const id of [...chosen]) if (!present.some((user) => user.id === id)) chosen.delete(id);
}

function showTyping() {
  const names = [...typing.keys()].map((id) => people.get(id)).join(", ");
  element("typing").textContent = names ? fill(texts.typing, { names }) : "";
}

function setTyping(user, on) {
  if (user.id === self.id) return;
  clearTimeout(typing.get(user.id));
  typing.delete(user.id);
  if (on) {
    people.set(user.id, user.name);
    // The other side may vanish without saying that it stopped.
    typing.set(user.id, setTimeout(() => setTyping(user, false), 2 * TYPING_MS));
  }
  showTyping();
}

const handlers = {
  "room.welcome": (data) => {
    self = data.user;
    attempts = 0;
    status(texts.connected);
    for (const member of data.members) people.set(member.id, member.name);
    showPresent(data.present);
    element("close").hidden = !["owner", "moderator"].includes(data.role);
  },
  "chat.history": (data) => {
    const older = data.ref === "older";
    const messages = older ? data.messages.slice().reverse() : data.messages;
    for (const message of messages) showMessage(message, older);
    element("older").hidden = !data.more;
  },
  "chat.message": (data) => {
    setTyping(data.message.author, false);
    showMessage(data.message);
  },
  "chat.like": (data) => {
    const item = document.getElementById(`message-${Number(data.message)}`);
    if (item) showLikes(item.querySelector(".like"), data.likes);
  },
  "chat.typing": (data) => setTyping(data.user, data.typing),
  "presence.changed": (data) => {
    showPresent(data.present);
    if (data.user.id === self.id) return;
    if (!data.online) setTyping(data.user, false);
    note(fill(data.online ? texts.online : texts.offline, { name: data.user.name }));
  },
  "chat.closed": (data) => {
    // Daphne drops a Close frame's reason, so it comes as a message first.
    closedBecause = data.reason;
  },
  error: (data) => note(fill(texts.error, { message: texts[`error ${data.code}`] ?? data.message })),
};

let closedBecause = null;

function ended(event) {
  for (const field of document.querySelectorAll("#say *, #send-file *, #close *")) field.disabled = true;
  for (const id of [...typing.keys()]) setTyping({ id }, false);
  const reason = closedBecause || event.reason || texts["no reason"];
  status(fill(event.code === 4000 ? texts.closed : texts.ended, { reason, code: event.code }), true);
}

function connect() {
  status(texts.connecting);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  let opened = false;
  socket = new WebSocket(`${scheme}://${location.host}/ws/${room.dataset.kind}/${encodeURIComponent(room.dataset.name)}/`);
  socket.onopen = () => { opened = true; };
  socket.onmessage = (event) => {
    const data = JSON.parse(event.data);
    if (Object.hasOwn(handlers, data.type)) handlers[data.type](data);
  };
  socket.onclose = (event) => {
    // 4000-4999: the application ended it on purpose; coming back would only be sent away again.
    if (event.code >= 4000) return ended(event);
    attempts += 1;
    // Exponential with full jitter: after a restart not everybody returns at the same moment.
    const seconds = Math.random() * Math.min(MAX_BACKOFF_S, 2 ** attempts);
    const text = opened || attempts < 3 ? texts.lost : texts.refused;
    status(fill(text, { seconds: seconds.toFixed(1) }), true);
    setTimeout(connect, seconds * 1000);
  };
}

element("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = element("text").value.trim();
  if (!text) return;
  const to = chosen.size ? { to: [...chosen] } : {};
  if (!send("chat.message", { text, ...to })) return;
  element("text").value = "";
  clearTimeout(stopTyping);
  stopTyping = null;
});

element("text").addEventListener("input", () => {
  if (stopTyping === null) send("chat.typing", { typing: true });
  clearTimeout(stopTyping);
  stopTyping = setTimeout(() => {
    stopTyping = null;
    send("chat.typing", { typing: false });
  }, TYPING_MS);
});

element("send-file").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new FormData();
  body.append("room", room.dataset.id);
  body.append("file", element("file").files[0]);
  const token = document.querySelector("#send-file [name=csrfmiddlewaretoken]").value;
  const response = await fetch("/api/v2/uploads/", { method: "POST", body, headers: { "X-CSRFToken": token } });
  if (response.ok) {
    const upload = await response.json();
    send("chat.upload", { upload: upload.id, ...(chosen.size ? { to: [...chosen] } : {}) });
    element("send-file").reset();
  } else if (response.status === 413) {
    note(texts["too large"]);
  } else {
    note(fill(texts["upload failed"], { message: `${response.status} ${(await response.text()).slice(0, 200)}` }));
  }
});

element("older").addEventListener("click", () => send("chat.history", { before: oldest, ref: "older" }));
element("close").addEventListener("submit", (event) => {
  event.preventDefault();
  send("chat.close", { reason: element("reason").value });
});

setInterval(() => send("presence.heartbeat"), HEARTBEAT_MS);
connect();

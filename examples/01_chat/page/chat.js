// The chat's page: one room, one connection that comes back by itself. Whatever others wrote is shown with textContent only.
import { ReconnectingSocket } from "/reconnecting-socket.js";

const maxText = 2000; // characters, as on the server
const maxShown = 500; // messages; older ones leave the page
const groupFor = 5 * 60 * 1000; // ms in which messages of one person stay together

const $ = (id) => document.getElementById(id);
const room = decodeURIComponent(location.pathname.match(/^\/room\/([^/]+)/)?.[1] ?? "lobby");

const me = { user: "", name: sessionStorage.getItem("chat.name") ?? "" };
let lastSaid = null; // of the newest line, if it is a message: who and when
let unread = 0;
let wasConnected = false;
let isFollowing = true; // whether the newest line is in view, and shall stay there

// ---- small helpers

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function stored(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

// A colour that belongs to a name.
function hueOf(name) {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  return (hash * 47) % 360;
}

function initialsOf(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]].map((word) => [...word][0]) : [...name].slice(0, 1);
  return letters.join("").toUpperCase();
}

function avatar(name) {
  const made = element("span", "avatar", initialsOf(name));
  made.setAttribute("aria-hidden", "true");
  made.style.setProperty("--hue", hueOf(name));
  return made;
}

// ---- the list of messages

function scrollToEnd() {
  const list = $("messages");
  list.scrollTop = list.scrollHeight;
  isFollowing = true;
  $("newest").hidden = true;
}

function addLine(line, isOwn = false) {
  const list = $("messages");
  list.append(line);
  while (list.childElementCount > maxShown) list.firstElementChild.remove();
  if (isFollowing || isOwn) scrollToEnd();
  else $("newest").hidden = false;
}

function addSystemLine(text) {
  lastSaid = null;
  addLine(element("p", "system", text));
}

function addMessage({ user, name, text, at }) {
  const isOwn = user === me.user;
  const follows = lastSaid?.user === user && at - lastSaid.at < groupFor;
  lastSaid = { user, at };

  const when = new Date(at);
  const time = element("time", "", when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  time.dateTime = when.toISOString();
  const author = element("span", "author", isOwn ? "You" : name);
  author.style.setProperty("--hue", hueOf(name));

  const head = element("p", "head");
  head.append(author, time);
  const bubble = element("div", "bubble");
  bubble.append(element("p", "text", text));
  const body = element("div", "body");
  body.append(head, bubble);
  const message = element("article", "message");
  message.classList.toggle("own", isOwn);
  message.classList.toggle("follows", follows);
  message.append(avatar(name), body);
  addLine(message, isOwn);

  if (document.hidden && !isOwn) {
    unread += 1;
    showTitle();
  }
}

function showTitle() {
  document.title = `${unread ? `(${unread}) ` : ""}#${room} · harpia chat`;
}

// ---- rooms and people

function showRooms() {
  const visited = stored("chat.rooms", []).filter((each) => typeof each === "string" && each !== room);
  localStorage.setItem("chat.rooms", JSON.stringify([room, ...visited].slice(0, 12)));
  const names = [...new Set(["lobby", "coffee", "help", room, ...visited])].slice(0, 12);
  $("rooms").replaceChildren(
    ...names.map((name) => {
      const link = element("a", "", name);
      link.href = name === "lobby" ? "/" : `/room/${encodeURIComponent(name)}`;
      if (name === room) link.setAttribute("aria-current", "page");
      const item = element("li");
      item.append(link);
      return item;
    }),
  );
}

function showPeople(names) {
  $("people-count").textContent = names.length;
  $("side-toggle").dataset.count = names.length;
  $("people").replaceChildren(
    ...names.map((name) => {
      const item = element("li");
      item.append(avatar(name), element("span", "person", name));
      if (name === me.name) item.append(element("span", "you", "you"));
      return item;
    }),
  );
}

function showMe() {
  $("me-panel").hidden = !me.name;
  $("me").textContent = me.name;
  $("me-avatar").textContent = initialsOf(me.name);
  $("me-avatar").style.setProperty("--hue", hueOf(me.name));
}

function showSide(isOpen) {
  document.body.classList.toggle("side-open", isOpen);
  $("side-toggle").setAttribute("aria-expanded", String(isOpen));
}

// ---- what the server says

function showProblem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

const receive = {
  welcome({ user, name }) {
    Object.assign(me, { user, name });
    showMe();
    addSystemLine(wasConnected ? "Connected again" : `You joined #${room} as ${name}`);
    wasConnected = true;
  },
  here: ({ names }) => showPeople(names),
  joined: ({ name }) => addSystemLine(`${name} joined`),
  left: ({ name }) => addSystemLine(`${name} left`),
  said: addMessage,
  error: ({ message }) => showProblem(`Not accepted: ${message}.`),
};

const stateTexts = { connecting: "connecting", connected: "connected", reconnecting: "reconnecting", refused: "not connected" };

function showState(state) {
  document.body.dataset.connection = state;
  $("connection").textContent = stateTexts[state];
  $("countdown").textContent = "";
  $("retry").hidden = state !== "reconnecting";
  updateComposer();
  if (state !== "connected") showPeople([]);
}

const socket = new ReconnectingSocket({
  onState: showState,
  onCountdown: (seconds) => ($("countdown").textContent = seconds > 0 ? `in ${seconds} s` : ""),
  onMessage(data) {
    const message = JSON.parse(data);
    if (Object.hasOwn(receive, message.type)) receive[message.type](message);
  },
  onLost() {
    if (wasConnected) addSystemLine("Connection lost");
  },
  onRefused: (reason) => askName(`Not accepted: ${reason}.`),
});

function connect() {
  const url = new URL(`/chat/${encodeURIComponent(room)}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("name", me.name);
  socket.connect(url);
}

// ---- entering

function askName(problem = "") {
  $("name").value = me.name || stored("chat.name", "");
  $("enter-title").textContent = me.name ? "Change your name" : `Enter #${room}`;
  $("enter-problem").textContent = problem;
  $("enter-problem").hidden = !problem;
  showSide(false);
  if (!$("enter").open) $("enter").showModal();
  $("name").select();
}

$("enter").addEventListener("cancel", (event) => {
  if (!me.user) event.preventDefault(); // nothing is behind it yet
});

$("enter-form").addEventListener("submit", (event) => {
  const name = $("name").value.trim();
  if (!name) {
    event.preventDefault();
    return;
  }
  const isSame = name === me.name && socket.isOpen;
  me.name = name;
  sessionStorage.setItem("chat.name", name); // this tab's
  localStorage.setItem("chat.name", JSON.stringify(name)); // what the next one suggests
  showMe();
  if (!isSame) {
    wasConnected = false;
    connect();
  }
  setTimeout(() => $("text").focus()); // once the dialog has given the focus back
});

// ---- writing

function updateComposer() {
  const field = $("text");
  const length = [...field.value.trim()].length;
  $("counter").hidden = length < maxText * 0.9;
  $("counter").textContent = `${length} / ${maxText}`;
  $("counter").classList.toggle("over", length > maxText);
  $("send").disabled = !socket?.isOpen || length === 0 || length > maxText;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

$("text").addEventListener("input", () => {
  showProblem("");
  updateComposer();
});

$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  updateComposer();
  if ($("send").disabled) return; // what was written stays until it can be sent
  socket.send(JSON.stringify({ type: "say", text: $("text").value.trim() }));
  $("text").value = "";
  showProblem("");
  updateComposer();
});

// ---- the rest of the page

$("go").addEventListener("submit", (event) => {
  event.preventDefault();
  location.assign(`/room/${encodeURIComponent($("go-room").value.trim())}`);
});
$("retry").addEventListener("click", () => socket.retry());
$("rename").addEventListener("click", () => askName());
$("newest").addEventListener("click", scrollToEnd);
$("messages").addEventListener("scroll", ({ target }) => {
  isFollowing = target.scrollHeight - target.scrollTop - target.clientHeight < 80;
  if (isFollowing) $("newest").hidden = true;
});
new ResizeObserver(() => {
  if (isFollowing) scrollToEnd();
}).observe($("messages"));
$("side-toggle").addEventListener("click", () => showSide(!document.body.classList.contains("side-open")));
$("shade").addEventListener("click", () => showSide(false));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") showSide(false);
});

// A page that is left may be kept for the way back, connection and all; its visitor is gone all the same.
addEventListener("pagehide", () => socket.leave());
addEventListener("pageshow", (event) => {
  if (event.persisted && me.name) connect();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  showTitle();
});

$("room").textContent = room;
$("text").placeholder = `Message #${room}`;
showTitle();
showRooms();
showMe();
updateComposer();
if (me.name) connect();
else askName();

// The game's page. What it shows follows from the last state that the server told; a tab remembers the secret of its seat.
import { Connection } from "/connection.js";

const $ = (id) => document.getElementById(id);
const watched = new URLSearchParams(location.search).get("watch");

let mine = ""; // my mark; empty for spectators
let now = null; // the last state of the match
let isConnected = false;

const seat = {
  get: () => sessionStorage.getItem("game.seat"),
  set: (secret) => sessionStorage.setItem("game.seat", secret),
  forget: () => sessionStorage.removeItem("game.seat"),
};

// ---- what there is to see

const cells = Array.from({ length: 9 }, (_, cell) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cell";
  button.addEventListener("click", () => play(cell));
  button.addEventListener("keydown", (event) => moveFocus(event, cell));
  return button;
});
$("board").append(...cells);
for (const mark of ["X", "O"]) showMark($(`player-${mark}`).querySelector(".sign"), mark);

function showMark(place, mark) {
  if ((place.dataset.mark ?? "") === mark) return; // drawn already
  place.dataset.mark = mark;
  place.replaceChildren(...(mark ? [$(`mark-${mark}`).content.cloneNode(true)] : []));
}

const isOver = () => now !== null && now.outcome !== "playing";
const canPlay = (cell) => isConnected && now?.turn === mine && mine !== "" && now.board[cell] === ".";

function nameOf(mark) {
  if (!mine) return `Player ${mark}`;
  return mark === mine ? "You" : "Opponent";
}

function statusText() {
  if (document.body.dataset.phase === "waiting") return "Waiting for an opponent…";
  if (!now) return watched ? "Looking for the match…" : "A game for two. Three in a row win.";
  const { outcome, winner, turn, away } = now;
  if (outcome === "drawn") return "A draw.";
  if (outcome === "won") return winner === mine ? "You won!" : mine ? "You lost." : `${nameOf(winner)} won.`;
  if (outcome === "forfeited") {
    if (!mine) return `${nameOf(winner)} won: the other did not come back.`;
    return winner === mine ? "You won: your opponent did not come back." : "You lost: you were away for too long.";
  }
  if (!isConnected) return "Connection lost. Your seat is kept for 30 seconds.";
  const gone = away.find((mark) => mark !== mine);
  if (gone) return `${mine ? "Your opponent" : nameOf(gone)} is away, and has 30 seconds to come back.`;
  if (turn === mine) return "Your turn.";
  return mine ? "Your opponent's turn." : `${nameOf(turn)}'s turn.`;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text; // what does not change is not read out again
}

function show() {
  const row = now?.row ?? [];
  cells.forEach((button, cell) => {
    const mark = (now?.board[cell] ?? ".").replace(".", "");
    showMark(button, mark);
    button.classList.toggle("wins", row.includes(cell));
    button.setAttribute("aria-disabled", String(!canPlay(cell)));
    button.setAttribute("aria-label", `Row ${Math.floor(cell / 3) + 1}, column ${(cell % 3) + 1}: ${mark || "empty"}`);
  });
  for (const mark of ["X", "O"]) {
    const card = $(`player-${mark}`);
    const isAway = now?.away.includes(mark) ?? false;
    setText(card.querySelector(".who"), now ? nameOf(mark) : mark);
    setText(card.querySelector(".note"), isAway ? "away" : now?.winner === mark ? "winner" : now?.turn === mark ? "to move" : "");
    card.classList.toggle("active", now !== null && (now.turn === mark || now.winner === mark));
    card.classList.toggle("away", isAway);
  }
  document.body.dataset.mine = mine;
  setText($("status"), statusText());
  $("start").hidden = !(isOver() || document.body.dataset.phase === "lobby") || Boolean(watched && !isOver());
  setText($("start"), isOver() ? "New game" : "Find an opponent");
  $("audience").hidden = !now || isOver();
  if (now) {
    setText($("watching"), now.watching === 1 ? "1 spectator" : `${now.watching} spectators`);
    $("watch").href = `/?watch=${now.match}`;
  }
}

// ---- what the server says

const receive = {
  waiting() {
    document.body.dataset.phase = "waiting";
  },
  seated({ mark, seat: secret }) {
    mine = mark;
    seat.set(secret);
    document.body.dataset.phase = "match";
  },
  state(told) {
    now = told;
    document.body.dataset.phase = "match";
    setText($("problem"), "");
  },
  problem({ text }) {
    setText($("problem"), `Not possible: ${text}.`);
  },
};

const stateTexts = { idle: "", connecting: "connecting", connected: "connected", reconnecting: "reconnecting" };

const connection = new Connection({
  onState(state) {
    isConnected = state === "connected";
    document.body.dataset.connection = state;
    setText($("connection"), stateTexts[state]);
    show();
  },
  onMessage(message) {
    if (Object.hasOwn(receive, message.type)) receive[message.type](message);
    show();
  },
  onRefused(reason) {
    if (isOver()) return; // the end stays in view
    if (!reason.includes("taken over")) seat.forget(); // else another tab has it
    now = null;
    mine = "";
    document.body.dataset.phase = "lobby";
    setText($("problem"), reason.includes("taken over") ? "Your seat is in another tab now." : `Sorry, ${reason}.`);
    show();
  },
});

function urlOf() {
  const path = watched ? `/watch/${encodeURIComponent(watched)}` : seat.get() ? `/play?seat=${seat.get()}` : "/play";
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}

// ---- what the player does

function play(cell) {
  if (canPlay(cell)) connection.send({ cell });
}

function moveFocus(event, cell) {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (!Object.hasOwn(steps, event.key)) return;
  event.preventDefault();
  const [down, right] = steps[event.key];
  const row = (Math.floor(cell / 3) + down + 3) % 3;
  cells[row * 3 + (((cell % 3) + right + 3) % 3)].focus();
}

$("start").addEventListener("click", () => {
  seat.forget();
  if (watched) return location.assign("/");
  now = null;
  mine = "";
  setText($("problem"), "");
  document.body.dataset.phase = "waiting";
  connection.connect(urlOf);
});

// A page that is left may be kept for the way back; its connection is not.
addEventListener("pagehide", () => connection.leave());
addEventListener("pageshow", (event) => {
  if (event.persisted && (watched || seat.get())) connection.connect(urlOf);
});

show();
if (watched || seat.get()) connection.connect(urlOf);

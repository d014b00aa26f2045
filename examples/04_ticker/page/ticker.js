// Live prices of /ticks; the switch and the counters of the slow reader are on /slow.
const shown = 1500; // prices of each symbol in its plot
const cards = new Map();
const $ = (id) => document.getElementById(id);
let count = 0;

function card(symbol) {
  let found = cards.get(symbol);
  if (!found) {
    const root = document.createElement("article");
    const title = document.createElement("h2");
    const price = document.createElement("span");
    const canvas = document.createElement("canvas");
    const slow = document.createElement("small");
    title.append(symbol, price);
    root.append(title, canvas, slow);
    $("symbols").append(root);
    found = { price, canvas, slow, prices: [] };
    cards.set(symbol, found);
  }
  return found;
}

function draw() {
  const colour = getComputedStyle(document.body).getPropertyValue("--accent");
  for (const { price, canvas, prices } of cards.values()) {
    if (prices.length === 0) continue;
    const width = (canvas.width = canvas.clientWidth * devicePixelRatio);
    const height = (canvas.height = canvas.clientHeight * devicePixelRatio);
    const pen = canvas.getContext("2d");
    const low = Math.min(...prices);
    const span = Math.max(...prices) - low || 1;
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5 * devicePixelRatio;
    pen.beginPath();
    prices.forEach((each, i) => pen.lineTo((i / (shown - 1)) * width, height - 3 - ((each - low) / span) * (height - 6)));
    pen.stroke();
    price.textContent = prices.at(-1).toFixed(2);
  }
  requestAnimationFrame(draw);
}

function connect(path, onMessage) {
  const socket = new WebSocket(new URL(path, location.href.replace(/^http/, "ws")));
  socket.addEventListener("message", (event) => onMessage(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    document.body.dataset.connection = "lost";
    $("report").textContent = "Connection lost. Reload to try again.";
  });
  return socket;
}

connect("/ticks", ({ symbol, price }) => {
  ++count;
  const { prices } = card(symbol);
  prices.push(price);
  if (prices.length > shown) prices.shift();
});

const control = connect("/slow", ({ on, lag, symbols }) => {
  document.body.dataset.connection = "connected";
  $("slow").checked = on;
  let received = 0;
  let skipped = 0;
  for (const [symbol, each] of Object.entries(symbols)) {
    received += each.received;
    skipped += each.skipped;
    card(symbol).slow.textContent = `slow reader: ${each.received} received, ${each.skipped} conflated`;
  }
  if (on || received)
    $("report").textContent = `The slow reader is ${(lag / 1000).toFixed(1)} s behind; it got ${received} prices and skipped ${skipped}.`;
});
$("slow").addEventListener("change", () => control.send($("slow").checked ? "on" : "off"));

setInterval(() => {
  $("rate").textContent = count;
  count = 0;
}, 1000);
requestAnimationFrame(draw);

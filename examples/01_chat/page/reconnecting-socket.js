// A WebSocket that comes back: exponential backoff with jitter, so that a server's restart does not bring all its pages at once.
const firstDelay = 500; // ms
const longestDelay = 15_000; // ms
const openTimeout = 10_000; // ms
const policyViolation = 1008; // the server does not want us as we are: trying again would not help

export class ReconnectingSocket {
  #handlers;
  #url = null;
  #socket = null;
  #attempt = 0;
  #timer = 0; // of the next attempt, or of the present one's time-out
  #ticker = 0; // of the countdown

  // onState("connecting" | "connected" | "reconnecting" | "refused"), onMessage(data), onLost() when an open connection ended,
  // onRefused(reason), onCountdown(seconds until the next attempt)
  constructor(handlers) {
    this.#handlers = handlers;
    addEventListener("online", () => this.retry());
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  // Leaves the present connection, if there is one, for `url`.
  connect(url) {
    this.#url = url;
    this.#attempt = 0;
    this.#open("connecting");
  }

  // Closes; only `connect` comes back from it.
  leave() {
    this.#url = null;
    this.#stopTimers();
    this.#drop();
  }

  send(data) {
    this.#socket.send(data);
  }

  // Tries at once instead of waiting.
  retry() {
    if (this.#url && !this.#socket) this.#open("reconnecting");
  }

  #open(state) {
    this.#stopTimers();
    this.#drop();
    this.#handlers.onState(state);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#closed({}), openTimeout);
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      this.#stopTimers();
      this.#handlers.onState("connected");
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      this.#attempt = 0; // a server that answers is well again; one that only accepts may not be
      this.#handlers.onMessage(data);
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) this.#closed({ code: event.code, reason: event.reason, wasOpen: !this.#timer });
    });
  }

  #closed({ code, reason, wasOpen = false }) {
    this.#stopTimers();
    this.#drop();
    if (code === policyViolation) {
      this.#url = null;
      this.#handlers.onState("refused");
      this.#handlers.onRefused(reason);
      return;
    }
    if (wasOpen) this.#handlers.onLost();
    this.#handlers.onState("reconnecting");
    const longest = Math.min(longestDelay, firstDelay * 2 ** this.#attempt);
    this.#attempt += 1;
    const delay = longest / 2 + (Math.random() * longest) / 2;
    this.#timer = setTimeout(() => this.#open("reconnecting"), delay);
    const due = Date.now() + delay;
    const tick = () => this.#handlers.onCountdown(Math.ceil((due - Date.now()) / 1000));
    tick();
    this.#ticker = setInterval(tick, 1000);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #stopTimers() {
    clearTimeout(this.#timer);
    clearInterval(this.#ticker);
    this.#timer = 0;
    this.#ticker = 0;
  }
}

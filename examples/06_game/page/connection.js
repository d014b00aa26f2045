// A WebSocket that comes back, after pauses that grow and differ from page to page. It asks where to each time.
const firstDelay = 300; // ms
const longestDelay = 5_000; // ms: a seat is not kept for long
const openTimeout = 10_000; // ms
const policyViolation = 1008; // the server does not want us as we are: trying again would not help

export class Connection {
  #handlers;
  #urlOf = null;
  #socket = null;
  #attempt = 0;
  #timer = 0; // of the next attempt, or of the present one's time-out

  // onState("idle" | "connecting" | "connected" | "reconnecting"), onMessage(object), onRefused(reason)
  constructor(handlers) {
    this.#handlers = handlers;
    addEventListener("online", () => {
      if (this.#urlOf && !this.#socket) this.#open("reconnecting");
    });
  }

  // Leaves the present connection, if there is one, for what `urlOf` returns.
  connect(urlOf) {
    this.#urlOf = urlOf;
    this.#attempt = 0;
    this.#open("connecting");
  }

  leave() {
    this.#urlOf = null;
    this.#drop();
    this.#handlers.onState("idle");
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #open(state) {
    this.#drop();
    this.#handlers.onState(state);
    const socket = new WebSocket(this.#urlOf());
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(), openTimeout);
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      clearTimeout(this.#timer);
      this.#handlers.onState("connected");
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      this.#attempt = 0; // a server that answers is well again; one that only accepts may not be
      this.#handlers.onMessage(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (socket !== this.#socket) return;
      if (code !== policyViolation) return this.#lost();
      this.leave();
      this.#handlers.onRefused(reason);
    });
  }

  #lost() {
    this.#drop();
    this.#handlers.onState("reconnecting");
    const longest = Math.min(longestDelay, firstDelay * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#open("reconnecting"), longest * (0.5 + Math.random() / 2));
  }

  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}

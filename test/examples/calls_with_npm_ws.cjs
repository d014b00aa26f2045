// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"use strict";

// calls_server, called by the JavaScript of docs/calls.md as it stands there, over npm's ws. Run by calls_npm_ws_test.py, which starts
// the server and finds the package (NODE_PATH). CommonJS, since NODE_PATH says nothing to ES modules.
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { readFileSync } = require("node:fs");
const test = require("node:test");
const WebSocket = require("ws");

const deadline = { timeout: 20_000 };
const [, source] = /```js\n(function calls[^]*?)```/.exec(readFileSync(process.env.DOCUMENT, "utf8"));
const calls = new Function(`${source}; return calls;`)();

async function open(answer) {
  const socket = new WebSocket(process.env.URL);
  const call = calls(socket, answer);
  const ordinary = [];
  socket.addEventListener("message", ({ data }) => {
    if (/^(reply|refused|timed_out): /.test(data)) ordinary.push(data);
  });
  await once(socket, "open");
  return { socket, call, ordinary };
}

/// Has the server call the peer with `text`; its account of what came of it.
async function ask({ socket, ordinary }, text) {
  socket.send(text);
  while (ordinary.length === 0) await once(socket, "message");
  return ordinary.shift();
}

async function close({ socket }) {
  const closed = once(socket, "close");
  socket.close();
  await closed;
}

test("a call is answered", deadline, async () => {
  const peer = await open();
  for (const text of ["hello", "", "two\nlines\n", "Grüße, 世界, 🦅", "call 1\nnested", "x".repeat(70_000)]) assert.equal(await peer.call(text), text);
  await close(peer);
});

test("many calls that wait are each answered", deadline, async () => {
  const peer = await open();
  const texts = Array.from({ length: 500 }, (_, number) => `number ${number}`);
  assert.deepEqual(await Promise.all(texts.map(peer.call)), texts);
  await close(peer);
});

test("a call that is refused or forgotten is an error with the server's words", deadline, async () => {
  const peer = await open();
  await assert.rejects(peer.call("refuse"), { message: "as you wish" });
  await assert.rejects(peer.call("forget"), { message: "not answered" });
  await close(peer);
});

test("the server calls too, and hears the reply, the refusal, or nothing in time", deadline, async () => {
  const peer = await open((text) => {
    if (text === "fail") throw new Error("cannot");
    if (text === "silence") return new Promise(() => {});
    return Promise.resolve(text.toUpperCase());
  });
  assert.equal(await ask(peer, "shout"), "reply: SHOUT");
  assert.equal(await ask(peer, "fail"), "refused: cannot");
  assert.equal(await ask(peer, "silence"), "timed_out: ");
  await close(peer);
});

test("both call at the same time with the same ids", deadline, async () => {
  const peer = await open((text) => `${text}!`);
  const [mine, theirs] = await Promise.all([peer.call("hello"), ask(peer, "shout")]);
  assert.equal(mine, "hello");
  assert.equal(theirs, "reply: shout!");
  await close(peer);
});

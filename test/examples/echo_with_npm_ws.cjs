// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"use strict";

// examples/02_echo, spoken to by npm's ws. Run by echo_npm_ws_test.py, which starts the servers and finds the package (NODE_PATH).
// CommonJS, since NODE_PATH says nothing to ES modules.
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { randomBytes } = require("node:crypto");
const test = require("node:test");
const WebSocket = require("ws");

const { PLAIN_URL, COMPRESSING_URL, TAKEOVER_URL, UNIX_PATH } = process.env;
const maxPayload = Number(process.env.MAX_PAYLOAD); // of the compressing server
const deadline = { timeout: 20_000 };

async function open(url, options) {
  const client = new WebSocket(url, options);
  client.received = [];
  client.on("message", (data, isBinary) => client.received.push(isBinary ? data : data.toString()));
  await once(client, "open");
  return client;
}

async function receive(client) {
  while (client.received.length === 0) await once(client, "message");
  return client.received.shift();
}

async function echo(client, message) {
  client.send(message);
  return receive(client);
}

async function close(client, code, reason) {
  const closed = once(client, "close");
  client.close(code, reason);
  const [answered, why] = await closed;
  return [answered, why.toString()];
}

for (const [name, url] of [
  ["without compression", PLAIN_URL],
  ["with compression", COMPRESSING_URL],
]) {
  test(`text and binary come back as they were, ${name}`, deadline, async () => {
    const client = await open(`${url}/echo`);
    for (const text of ["hello", "", "Grüße, 世界, 🦅", "x".repeat(125), "x".repeat(126), "x".repeat(65535), "x".repeat(65536)])
      assert.equal(await echo(client, text), text);
    for (const bytes of [Buffer.alloc(0), Buffer.from([0, 255, 254]), randomBytes(1 << 20)])
      assert.deepEqual(await echo(client, bytes), bytes);
    await close(client);
  });

  test(`fragments come back as one message, also with a ping between them, ${name}`, deadline, async () => {
    const client = await open(`${url}/echo`);
    const pong = once(client, "pong");
    client.send("one ".repeat(500), { fin: false });
    client.ping("between");
    client.send("two ".repeat(500), { fin: false });
    client.send("three", { fin: true });
    assert.equal((await pong)[0].toString(), "between");
    assert.equal(await receive(client), "one ".repeat(500) + "two ".repeat(500) + "three");
    await close(client);
  });

  test(`pings get a pong with the same bytes, ${name}`, deadline, async () => {
    const client = await open(`${url}/echo`);
    for (const payload of [Buffer.alloc(0), Buffer.from("hello"), randomBytes(125)]) {
      const pong = once(client, "pong");
      client.ping(payload);
      assert.deepEqual((await pong)[0], payload);
    }
    client.pong("nobody asked");
    assert.equal(await echo(client, "still here"), "still here");
    await close(client);
  });

  test(`a close code comes back, ${name}`, deadline, async () => {
    for (const code of [1000, 1001, 1011, 3000, 4999]) {
      const client = await open(`${url}/echo`);
      assert.equal((await close(client, code, "that is all"))[0], code);
    }
    const client = await open(`${url}/echo`);
    assert.equal((await close(client))[0], 1000); // a frame without a code is answered with "normal"
  });

  test(`what was sent before a close comes back before it, ${name}`, deadline, async () => {
    const client = await open(`${url}/echo`);
    for (let number = 0; number < 100; ++number) client.send(`message ${number}`);
    await close(client, 1000);
    assert.deepEqual(client.received, Array.from({ length: 100 }, (_, number) => `message ${number}`));
  });

  test(`a message reaches every client of /broadcast, the sender too, ${name}`, deadline, async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => open(`${url}/broadcast`)));
    clients[0].send("to all ".repeat(300));
    clients[0].send(Buffer.from("bytes to all"));
    for (const client of clients) {
      assert.equal(await receive(client), "to all ".repeat(300));
      assert.deepEqual(await receive(client), Buffer.from("bytes to all"));
    }
    await Promise.all(clients.map((client) => close(client)));
  });
}

test("compression is negotiated where both want it, and only there", deadline, async () => {
  const both = await open(`${COMPRESSING_URL}/echo`);
  assert.match(both.extensions, /permessage-deflate/);
  const neither = await open(`${COMPRESSING_URL}/echo`, { perMessageDeflate: false });
  assert.equal(neither.extensions, "");
  const client = await open(`${PLAIN_URL}/echo`, { perMessageDeflate: true });
  assert.equal(client.extensions, "");
  for (const each of [both, neither, client]) {
    assert.equal(await echo(each, "all work and no play ".repeat(1000)), "all work and no play ".repeat(1000));
    await close(each);
  }
});

test("every way to ask for compression is understood", deadline, async () => {
  for (const perMessageDeflate of [
    { threshold: 0 },
    { threshold: 0, serverNoContextTakeover: true },
    { threshold: 0, clientNoContextTakeover: true },
    { threshold: 0, serverMaxWindowBits: 10 },
    { threshold: 0, clientMaxWindowBits: 10 },
    { threshold: 0, clientMaxWindowBits: true },
  ]) {
    for (const url of [COMPRESSING_URL, TAKEOVER_URL]) {
      const client = await open(`${url}/echo`, { perMessageDeflate });
      for (let turn = 0; turn < 3; ++turn) {
        const text = `${turn} and the same again `.repeat(2000);
        assert.equal(await echo(client, text), text);
      }
      await close(client);
    }
  }
});

test("messages that look random survive compression", deadline, async () => {
  const client = await open(`${COMPRESSING_URL}/echo`, { perMessageDeflate: { threshold: 0 } });
  for (const size of [0, 1, 100, 10_000, 300_000]) {
    const bytes = randomBytes(size);
    assert.deepEqual(await echo(client, bytes), bytes);
  }
  await close(client);
});

test("a message over the limit closes with 1009", deadline, async () => {
  for (const perMessageDeflate of [true, false]) {
    const client = await open(`${COMPRESSING_URL}/echo`, { perMessageDeflate });
    assert.equal((await echo(client, "x".repeat(maxPayload))).length, maxPayload);
    const closed = once(client, "close");
    client.send("x".repeat(maxPayload + 1));
    assert.equal((await closed)[0], 1009);
  }
});

test("a Unix socket serves as well", deadline, async () => {
  const client = await open(`ws+unix:${UNIX_PATH}:/echo`);
  assert.equal(await echo(client, "hello"), "hello");
  await close(client);
});

test("an unknown path is answered with 404", deadline, async () => {
  const client = new WebSocket(`${PLAIN_URL}/nowhere`);
  client.on("error", () => {}); // follows, since the answer is not read
  const [, answer] = await once(client, "unexpected-response");
  assert.equal(answer.statusCode, 404);
  client.terminate();
});

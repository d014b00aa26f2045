// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Echo and broadcast on Bun's own server, which is built upon uWebSockets. Run with Bun.
const options = process.argv.slice(2);
const compress = options.includes("--compress");
const tls = options.indexOf("--tls");
const paths = /^\/(echo|broadcast(\/\d+)?)$/;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: options.includes("--port") ? Number(options[options.indexOf("--port") + 1]) : 0,
  tls: tls >= 0 ? { cert: Bun.file(options[tls + 1]), key: Bun.file(options[tls + 2]) } : undefined,
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (paths.test(pathname) && server.upgrade(request, { data: pathname })) return undefined;
    return new Response("no such path\n", { status: 404 });
  },
  websocket: {
    // "shared" is without context takeover.
    perMessageDeflate: compress && { compress: "shared", decompress: "shared" },
    idleTimeout: 0,
    open(socket) {
      if (socket.data !== "/echo") socket.subscribe(socket.data);
    },
    message(socket, message) {
      if (socket.data === "/echo") socket.send(message, compress);
      else server.publish(socket.data, message, compress);
    },
  },
});
console.log(`listening on 127.0.0.1:${server.port}`);

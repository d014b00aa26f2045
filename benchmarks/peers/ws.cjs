// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Echo and broadcast on npm's ws. Run with Node.
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const { WebSocketServer } = require("ws");

const options = process.argv.slice(2);
const port = options.includes("--port") ? Number(options[options.indexOf("--port") + 1]) : 0;
const settings = {
  noServer: true,
  perMessageDeflate: options.includes("--compress") && { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
};

const echo = new WebSocketServer(settings);
echo.on("connection", (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })));

// The path is the group.
const groups = new Map();
function groupOf(path) {
  if (!groups.has(path)) {
    const group = new WebSocketServer(settings);
    group.on("connection", (socket) =>
      socket.on("message", (data, isBinary) => {
        for (const client of group.clients) client.send(data, { binary: isBinary });
      }),
    );
    groups.set(path, group);
  }
  return groups.get(path);
}

const tls = options.indexOf("--tls");
const refuse = (request, response) => response.writeHead(404).end();
const server =
  tls >= 0
    ? https.createServer({ cert: fs.readFileSync(options[tls + 1]), key: fs.readFileSync(options[tls + 2]) }, refuse)
    : http.createServer(refuse);
server.on("upgrade", (request, socket, head) => {
  const target = request.url === "/echo" ? echo : /^\/broadcast(\/\d+)?$/.test(request.url) ? groupOf(request.url) : undefined;
  if (target) target.handleUpgrade(request, socket, head, (client) => target.emit("connection", client, request));
  else socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
});
server.listen({ port, host: "127.0.0.1", backlog: 4096 }, () => console.log(`listening on 127.0.0.1:${server.address().port}`));

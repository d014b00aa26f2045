// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Echo and broadcast on npm's ws. Run with Node.
const http = require("node:http");
const { WebSocketServer } = require("ws");

const options = process.argv.slice(2);
const port = options.includes("--port") ? Number(options[options.indexOf("--port") + 1]) : 0;
const settings = {
  noServer: true,
  perMessageDeflate: options.includes("--compress") && { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
};

const echo = new WebSocketServer(settings);
echo.on("connection", (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })));

const broadcast = new WebSocketServer(settings);
broadcast.on("connection", (socket) =>
  socket.on("message", (data, isBinary) => {
    for (const client of broadcast.clients) client.send(data, { binary: isBinary });
  }),
);

const server = http.createServer((request, response) => response.writeHead(404).end());
server.on("upgrade", (request, socket, head) => {
  const target = { "/echo": echo, "/broadcast": broadcast }[request.url];
  if (target) target.handleUpgrade(request, socket, head, (client) => target.emit("connection", client, request));
  else socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
});
server.listen({ port, host: "127.0.0.1", backlog: 4096 }, () => console.log(`listening on 127.0.0.1:${server.address().port}`));

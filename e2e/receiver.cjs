// A receiver of sinks and alerts on loopback: it hands each body on, and answers with the status that comes back.
const { once } = require("node:events");
const { createServer } = require("node:http");

async function receive(take, port = 0) {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    response.statusCode = take(body, request) ?? 200;
    response.end("{}");
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

module.exports = { receive };

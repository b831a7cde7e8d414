// The door by Shopify's own library: the signature over the body as it came, a message in a queue in memory, then 200.
//   handler.mjs SECRET     says at which port it listens
import http from 'node:http';
import '@shopify/shopify-api/adapters/node';
import {ApiVersion, shopifyApi} from '@shopify/shopify-api';

// As many messages are held as door.rs holds.
const HELD = 1_000;

const shopify = shopifyApi({
  apiKey: 'regulars-local', apiSecretKey: process.argv[2], apiVersion: ApiVersion.October26, hostName: 'app.example.com',
  isEmbeddedApp: true, logger: {level: -1, log: () => {}},
});
const queue = new Array(HELD);
let kept = 0;

async function answered(request, response, rawBody) {
  const told = await shopify.webhooks.validate({rawBody, rawRequest: request, rawResponse: response});
  if (!told.valid) return refused(response, 401);
  const {topic, domain: shop, apiVersion: version, webhookId: id, triggeredAt: triggered_at} = told;
  const received_at = new Date().toISOString();
  queue[kept % HELD] = JSON.stringify({topic, shop, version, id, triggered_at, received_at, body: rawBody});
  kept += 1;
  response.writeHead(200, {'content-type': 'application/json', 'content-length': 2}).end('{}');
}

function refused(response, status) {
  response.statusCode = status;
  response.end();
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    answered(request, response, Buffer.concat(parts).toString()).catch(() => refused(response, 500));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

// The verdicts of @shopify/shopify-api. It knows one secret at a time: something is right if it is so under either.
import {readFileSync} from 'node:fs';

// The library keeps what it finds when it is loaded.
let post;
globalThis.fetch = (url, request) => post(request);
await import('@shopify/shopify-api/adapters/web-api');
const {ApiVersion, RequestedTokenType, shopifyApi} = await import('@shopify/shopify-api');

const {app, shop, cases} = JSON.parse(readFileSync(0, 'utf8'));
const library = (secret) =>
  shopifyApi({
    apiKey: app.client_id, apiSecretKey: secret, apiVersion: ApiVersion.October26, hostName: 'app.example.com',
    isEmbeddedApp: true, logger: {level: -1, log: () => {}},
  });
const libraries = [library(app.secret), library(app.old_secret)];

const STATUS = {missing_hmac: 400, missing_body: 400, missing_headers: 400, invalid_hmac: 401};
const sorted = (body) => Object.entries(JSON.parse(body)).map(([key, value]) => `${key}=${value}`).sort().join(' ');

async function posted(ask) {
  let body;
  post = async (request) => {
    body = request.body;
    return new Response('{"access_token":"x","scope":""}', {status: 200, headers: {'content-type': 'application/json'}});
  };
  await ask();
  return sorted(body);
}

const judges = {
  async webhook({method, headers, body}) {
    const statuses = [];
    for (const library of libraries) {
      const request = new Request('https://app.example.com/webhooks', {method, headers});
      const told = await library.webhooks.validate({rawBody: body, rawRequest: request});
      statuses.push(told.valid ? 200 : STATUS[told.reason]);
    }
    return String(statuses.includes(200) ? 200 : statuses[0]);
  },
  async query({raw}) {
    for (const library of libraries) {
      const query = Object.fromEntries(new URLSearchParams(raw));
      if (await library.utils.validateHmac(query).catch(() => false)) return 'yes';
    }
    return 'no';
  },
  async token({raw}) {
    for (const library of libraries) {
      if (await library.session.decodeSessionToken(raw).catch(() => false)) return 'yes';
    }
    return 'no';
  },
  async domain({name}) {
    return libraries[0].utils.sanitizeShop(name) ?? 'no';
  },
  // It leaves documents to the framework around it.
  bounce: () => null,
  frame: () => null,
  async ask({name, session_token, refresh_token}) {
    const {auth} = libraries[0];
    const requestedTokenType = RequestedTokenType.OfflineAccessToken;
    return name === 'exchange'
      ? posted(() => auth.tokenExchange({shop, sessionToken: session_token, requestedTokenType, expiring: true}))
      : posted(() => auth.refreshToken({shop, refreshToken: refresh_token}));
  },
};
const verdicts = [];
for (const it of cases) verdicts.push(await judges[it.kind](it));
console.log(JSON.stringify(verdicts));

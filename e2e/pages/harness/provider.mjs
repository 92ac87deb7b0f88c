// An OpenID Connect provider with one person who is always there and always agrees, and a door
// before the service whose address is known before the service listens.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer, request } from "node:http";

const encode = (value) => Buffer.from(value).toString("base64url");

async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}`;
}

/** Starts the provider; `issuer` is its address. Only code flow with PKCE (S256) for public clients. */
export async function startProvider(person) {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const asked = new Map();
  let issuer;
  const answers = {
    "/.well-known/openid-configuration": () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
    }),
    "/keys": () => ({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "RS256" }] }),
    "/token": (form) => {
      const question = asked.get(form.get("code"));
      asked.delete(form.get("code"));
      const verifier = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
      if (!question || verifier !== question.get("code_challenge")) return { error: "invalid_grant" };
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, aud: question.get("client_id"), iat: now, exp: now + 60, nonce: question.get("nonce"), ...person };
      const head = encode(JSON.stringify({ alg: "RS256", kid: "one", typ: "JWT" }));
      const signed = `${head}.${encode(JSON.stringify(claims))}`;
      return { token_type: "Bearer", access_token: "none", id_token: `${signed}.${encode(sign("sha256", signed, privateKey))}` };
    },
  };
  const server = createServer(async (incoming, response) => {
    const url = new URL(incoming.url, issuer);
    if (url.pathname === "/authorize") {
      const code = randomBytes(16).toString("hex");
      asked.set(code, url.searchParams);
      const back = new URL(url.searchParams.get("redirect_uri"));
      back.search = new URLSearchParams({ code, state: url.searchParams.get("state"), iss: issuer });
      response.writeHead(302, { Location: back.href }).end();
      return;
    }
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const answer = answers[url.pathname]?.(new URLSearchParams(body));
    const status = !answer ? 404 : answer.error ? 400 : 200;
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(answer ?? {}));
  });
  issuer = await listen(server);
  return { issuer, stop: () => server.close() };
}

/** Starts the door: what comes to `url` goes on to whatever address `lead` was given. */
export async function startDoor() {
  let target;
  const server = createServer((incoming, response) => {
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    incoming.pipe(onward);
  });
  const url = await listen(server);
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, stop, lead: (address) => (target = address) };
}

// A real OpenID Connect provider for the tests: oidc-provider, with a person who is always there
// and always agrees. Arguments: this service's callback, account id.
import http from 'node:http';
import { createRequire } from 'node:module';

// Installed by the test, beside which this file does not lie.
const require = createRequire(`${process.cwd()}/`);
const { default: Provider } = await import(require.resolve('oidc-provider'));

// What it notes is not for the reader of the issuer, who reads one line only.
console.info = console.warn = console.error;

const [callback, accountId] = process.argv.slice(2);
let provider;

const server = http.createServer(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return provider.callback()(request, response);
  const details = await provider.interactionDetails(request, response);
  let result = { login: { accountId } };
  if (details.prompt.name === 'consent') {
    const grant = new provider.Grant({ accountId, clientId: details.params.client_id });
    grant.addOIDCScope('openid profile email');
    result = { consent: { grantId: await grant.save() } };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
});

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, {
    clients: [{
      client_id: 'carrel',
      client_secret: 'a secret & a half',
      redirect_uris: [callback],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: false,
    cookies: { keys: ['only for tests'] },
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({
        sub: id,
        name: 'Ada Lovelace',
        preferred_username: 'ada',
        email: 'ada@b.example',
        email_verified: true,
      }),
    }),
  });
  console.log(issuer);
});

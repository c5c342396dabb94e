// The documents of the scenarios: operations of the apps, with their fragments, from schema-operations/. If your apps
// send others, name your files and operations here.

const DEFINITION = /^(?:query|mutation|subscription|fragment) (\w+)/m;

// Returns an operation of a file, with the fragments that it uses.
function documentOf(file, operation) {
  const texts = open(`../../schema-operations/${file}`).split(/^(?=(?:query|mutation|subscription|fragment) )/m);
  const named = texts.filter((text) => DEFINITION.test(text));
  const definitions = new Map(named.map((text) => [DEFINITION.exec(text)[1], text]));
  const names = new Set([operation]);
  for (const name of names) {
    for (const [, fragment] of definitions.get(name).matchAll(/\.\.\.\s*(?!on\b)(\w+)/g)) {
      names.add(fragment);
    }
  }
  return [...names].map((name) => definitions.get(name)).join('');
}

export const LOG_IN = documentOf('account.graphql', 'LogIn');
export const HOME = documentOf('home.graphql', 'Home');
export const WALLET = documentOf('payments.graphql', 'WalletScreen');
export const SEND_PAYMENT = documentOf('payments.graphql', 'SendPayment');
export const PUBLISH_POST = documentOf('feed.graphql', 'PublishPost');
export const THREAD = documentOf('feed.graphql', 'Thread');
export const ADD_COMMENT = documentOf('feed.graphql', 'AddComment');
export const POST_EVENTS = documentOf('live.graphql', 'PostEvents');

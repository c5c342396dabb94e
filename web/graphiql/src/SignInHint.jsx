import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useState } from "react";

import { operationsOf } from "./ask.js";
import { keep } from "./session.js";
import { signIn } from "./signIn.js";
import { useOpen } from "./useOpen.js";

/** Renders how to sign in: with a button as a demo user, or otherwise with the operation LogIn and a header. */
export function SignInHint({ people: [person], operations }) {
  const headers = useGraphiQL(({ tabs, activeTabIndex }) => tabs[activeTabIndex]?.headers);
  if (/"authorization"/i.test(headers ?? "")) return null;
  return (
    <div role="note" className="bff-hint">
      {person ? <ByClick person={person} /> : <ByHeader operations={operations} />}
    </div>
  );
}

function ByClick({ person }) {
  const [trouble, setTrouble] = useState(null);
  const { queryEditor, subscription } = useGraphiQL(pick("queryEditor", "subscription"));
  const { run } = useGraphiQLActions();
  const become = async () => {
    keep(await signIn(person));
    const isMutation = operationsOf(queryEditor.getValue()).some(({ operation }) => operation === "mutation");
    // A subscription that is running continues with the new token; to run it again would stop it.
    if (!isMutation && !subscription) await run();
  };
  return (
    <>
      <span>
        You are not signed in, so <code>viewer</code> is null.
      </span>
      <button
        type="button"
        className="bff-button"
        disabled={!queryEditor}
        onClick={() => become().catch(({ message }) => setTrouble(message))}
      >
        Sign in as {person.handle}
      </button>
      {trouble && <span role="alert">{trouble}</span>}
    </>
  );
}

function ByHeader({ operations }) {
  const open = useOpen();
  const logIn = operations.find(({ name }) => name === "LogIn");
  return (
    <>
      <span>
        You are not signed in, so <code>viewer</code> is null. Run LogIn, and put its <code>accessToken</code> under
        Headers: <code>{'{"Authorization": "Bearer …"}'}</code>
      </span>
      <button type="button" className="bff-button" disabled={!open} onClick={() => open(logIn)}>
        Open LogIn
      </button>
    </>
  );
}

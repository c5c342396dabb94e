import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";

import { Account } from "./Account.jsx";
import { ask } from "./ask.js";
import { useConnection } from "./connection.js";
import { ConnectionStatus } from "./ConnectionStatus.jsx";
import { operationsPlugin } from "./Operations.jsx";
import { SignInHint } from "./SignInHint.jsx";
import { useSession } from "./session.js";
import { TabStrip } from "./TabStrip.jsx";
import { isNarrow } from "./width.js";

/** Returns the plugins of the page, and the one that is open for a first visit. */
export function pluginsFor(operations) {
  const others = [explorerPlugin(), HISTORY_PLUGIN];
  if (operations.length === 0) return { plugins: others };
  const ours = operationsPlugin(operations);
  const isFirstVisit = localStorage.getItem("graphiql:visiblePlugin") === null;
  return { plugins: [ours, ...others], visiblePlugin: isFirstVisit && !isNarrow() ? ours : undefined };
}

/** Renders GraphiQL with the first operation in a tab, a list of all operations, and the sign-in. */
export function App({ operations, people, plugins }) {
  const session = useSession();
  const connection = useConnection();
  const canSignIn = people.length > 0 || operations.some(({ name }) => name === "LogIn");
  const isHinted = canSignIn && !session;
  return (
    <GraphiQL
      {...plugins}
      fetcher={ask}
      defaultTabs={operations.length ? [operations[0]] : undefined}
      defaultQuery=""
      defaultEditorToolsVisibility="variables"
      schemaDescription
      inputValueDeprecation
    >
      <GraphiQL.Logo>{people.length > 0 && <Account people={people} />}</GraphiQL.Logo>
      {(isHinted || connection) && (
        <GraphiQL.Footer>
          {connection && <ConnectionStatus connection={connection} />}
          {isHinted && <SignInHint people={people} operations={operations} />}
        </GraphiQL.Footer>
      )}
      <TabStrip />
    </GraphiQL>
  );
}

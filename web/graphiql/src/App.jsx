import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";

import { Account } from "./Account.jsx";
import { ask } from "./ask.js";

const PLUGINS = [explorerPlugin(), HISTORY_PLUGIN];

/** GraphiQL with the ready operations as tabs and, where there are demo people, a menu to sign in as one of them. */
export function App({ config: { operations = [], people = [] } }) {
  return (
    <GraphiQL
      fetcher={ask}
      plugins={PLUGINS}
      defaultTabs={operations.length ? operations : undefined}
      defaultQuery=""
      defaultEditorToolsVisibility="variables"
    >
      <GraphiQL.Logo>{people.length > 0 && <Account people={people} />}</GraphiQL.Logo>
    </GraphiQL>
  );
}

import "graphiql/setup-workers/vite";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "@graphiql/plugin-explorer/style.css";
import "graphiql/graphiql.css";
import "./fonts.css";
import "./account.css";
import "./operations.css";
import "./tabs.css";
import "./hint.css";
import "./narrow.css";

import { createRoot } from "react-dom/client";

import { App, pluginsFor } from "./App.jsx";

const { operations = [], people = [] } = JSON.parse(document.getElementById("config").textContent);

// Monaco measures characters when it starts. With another font it would place the cursor wrongly.
await document.fonts.load('1em "Fira Code"').catch(() => undefined);
createRoot(document.getElementById("root")).render(
  <App operations={operations} people={people} plugins={pluginsFor(operations)} />,
);

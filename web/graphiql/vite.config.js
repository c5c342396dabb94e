import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { compressed } from "./build/compressed.js";
import { licences } from "./build/licences.js";
import { sources } from "./build/sources.js";

const bundled = licences(["@fontsource/fira-code", "@fontsource/roboto"]);

export default defineConfig({
  base: "/graphiql/",
  plugins: [react(), bundled.written(), sources(), compressed()],
  worker: { format: "es", plugins: () => [bundled.seen()] },
  build: {
    target: "es2022", // main.jsx waits at its top level
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
  },
});

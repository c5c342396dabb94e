import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const FILES = ["index.html", "package-lock.json", "package.json", "vite.config.js"];
const FOLDERS = ["build", "src"];

/** Writes dist/sources.sha256, the hash of the sources of dist. A test compares it with the current sources. */
export function sources() {
  let config;
  return {
    name: "sources",
    apply: "build",
    configResolved: (resolved) => void (config = resolved),
    closeBundle: () => writeFileSync(join(config.build.outDir, "sources.sha256"), `${digest(config.root)}\n`),
  };
}

/** Returns the SHA-256 over path, NUL, content, NUL of every source, in the order of their paths. */
function digest(root) {
  const hash = createHash("sha256");
  for (const path of [...FILES, ...FOLDERS.flatMap((folder) => filesIn(root, folder))].sort()) {
    hash.update(`${path}\0`).update(readFileSync(join(root, path))).update("\0");
  }
  return hash.digest("hex");
}

function filesIn(root, folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
}

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";

const TEXTS = /^(licen[cs]e|copying|notice|thirdpartynotices)/i;
const MODULES = `${sep}node_modules${sep}`;

/** Writes the licences of all bundled packages to dist/licences.txt, including those of the workers' bundles. */
export function licences(others) {
  const folders = new Set();
  const seen = () => ({
    name: "licences-seen",
    transform(_code, id) {
      if (id.includes(MODULES)) folders.add(packageOf(id.replace(/^\0/, "").split("?")[0]));
    },
  });
  const written = () => {
    let config;
    return {
      ...seen(),
      name: "licences-written",
      apply: "build",
      configResolved: (resolved) => void (config = resolved),
      closeBundle() {
        others.forEach((name) => folders.add(join(config.root, "node_modules", name)));
        writeFileSync(join(config.build.outDir, "licences.txt"), page([...folders]));
      },
    };
  };
  return { seen, written };
}

/** Returns the folder of a file's package: the nearest one whose package.json has a name and a version. */
function packageOf(path) {
  for (let folder = dirname(path); folder.includes(MODULES); folder = dirname(folder)) {
    const described = join(folder, "package.json");
    if (existsSync(described) && JSON.parse(readFileSync(described)).version) return folder;
  }
  throw new Error(`no package has ${path}`);
}

function page(folders) {
  const entries = new Map(folders.map(entry));
  const sorted = [...entries.keys()].sort();
  return [
    `GraphiQL as it is served here is made of ${sorted.length} packages.`,
    sorted.join("\n"),
    ...sorted.map((title) => entries.get(title)),
  ].join("\n\n");
}

function entry(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json")));
  if (!license) throw new Error(`${name} names no licence`);
  const texts = readdirSync(folder)
    .filter((file) => TEXTS.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim());
  const title = `${name} ${version} (${license})`;
  return [title, ["=".repeat(100), title, "", ...texts].join("\n") + "\n"];
}

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const WORTH_IT = 0.9;

/** Replaces each file of assets/ that compresses by name.br and name.gz. The original can be decompressed from name.gz. */
export function compressed() {
  let folder;
  return {
    name: "compressed",
    apply: "build",
    configResolved: (config) => void (folder = join(config.build.outDir, "assets")),
    closeBundle: () => readdirSync(folder).forEach((name) => compress(join(folder, name))),
  };
}

function compress(path) {
  const plain = readFileSync(path);
  const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
  if (brotli.length > plain.length * WORTH_IT) return;
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }));
  rmSync(path);
}

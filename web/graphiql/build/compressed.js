import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const WORTH_IT = 0.9;

/** Puts name.br and name.gz in place of each file of assets/ that compresses. The plain file can be had from name.gz. */
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

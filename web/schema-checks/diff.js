// Prints the changes that graphql-inspector finds. Input: [[before, after], …] of SDL. Output: [[[level, path, type], …], …].
import { diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const chunks = [];
for await (const chunk of process.stdin) {
  chunks.push(chunk);
}
const found = [];
for (const [before, after] of JSON.parse(Buffer.concat(chunks).toString())) {
  const changes = await diff(buildSchema(before), buildSchema(after));
  found.push(changes.map((change) => [change.criticality.level, change.path ?? "", change.type]));
}
process.stdout.write(JSON.stringify(found));

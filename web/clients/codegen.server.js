// The configuration of the example, with the schema of the server at SCHEMA. It requests zstd like the loader of
// @graphql-tools/url-loader 9.1, even if this Node cannot decompress it.
import example from '../../examples/codegen/codegen.js'

const [output] = Object.values(example.generates)

export default {
  ...example,
  schema: [{ [process.env.SCHEMA]: { headers: { 'accept-encoding': 'gzip, deflate, br, zstd' } } }],
  documents: '__generated__/operations/*.graphql',
  silent: true,
  generates: { '__generated__/server/': output },
}

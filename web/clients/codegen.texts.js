// The client preset of GraphQL Code Generator, for fetch.
import { scalars } from '../../examples/codegen/scalars.js'

export default {
  schema: '../../schema.graphql',
  documents: '__generated__/operations/*.graphql',
  silent: true,
  generates: {
    '__generated__/texts/': {
      preset: 'client',
      presetConfig: { persistedDocuments: true },
      config: { documentMode: 'string', scalars, strictScalars: true, enumsAsTypes: true, useTypeImports: true },
    },
  },
}

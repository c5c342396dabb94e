// The client preset of GraphQL Code Generator for clients that use document nodes. `documentMode: 'documentNode'` would write no hashes.
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'

import { scalars } from '../../examples/codegen/scalars.js'

export default {
  schema: '../../schema.graphql',
  documents: '__generated__/operations/*.graphql',
  silent: true,
  generates: {
    '__generated__/documents/': {
      preset: 'client',
      presetConfig: { persistedDocuments: true },
      documentTransforms: [addTypenameSelectionDocumentTransform],
      config: { scalars, strictScalars: true, enumsAsTypes: true, useTypeImports: true },
    },
  },
}

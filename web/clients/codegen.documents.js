// The client preset of GraphQL Code Generator, for clients that take documents. `documentMode: 'documentNode'` would list none.
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

// The client preset of GraphQL Code Generator, as documents that libraries take, and as texts for fetch.
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'

const preset = (config) => ({
  preset: 'client',
  presetConfig: { persistedDocuments: true },
  config: { enumsAsTypes: true, useTypeImports: true, ...config },
})

export default {
  schema: '../../schema.graphql',
  documents: '__generated__/operations/*.graphql',
  silent: true,
  generates: {
    '__generated__/documents/': {
      ...preset(),
      documentTransforms: [addTypenameSelectionDocumentTransform],
    },
    '__generated__/texts/': preset({ documentMode: 'string' }),
  },
}

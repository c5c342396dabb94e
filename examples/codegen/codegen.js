// GraphQL Code Generator, which reads the schema of a running server: `npx graphql-codegen --config codegen.js`.
// A file of `bff schema export` may take the place of the address.
import { scalars } from './scalars.js'

export default {
  schema: 'http://127.0.0.1:8000/graphql',
  documents: 'src/**/*.{graphql,ts,tsx}',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { persistedDocuments: true },
      // With strictScalars a scalar that a later schema adds stops the generator, instead of being `any`.
      config: { scalars, strictScalars: true, enumsAsTypes: true, useTypeImports: true },
    },
  },
}

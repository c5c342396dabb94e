// Configures GraphQL Code Generator with the schema of a running server: `npx graphql-codegen --config codegen.js`.
// The schema may also be a file of `bff schema export`.
import { scalars } from './scalars.js'

export default {
  schema: 'http://127.0.0.1:8000/graphql',
  documents: 'src/**/*.{graphql,ts,tsx}',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { persistedDocuments: true },
      // With strictScalars, a new scalar of a later schema stops the generator. Otherwise its type would be `any`.
      config: { scalars, strictScalars: true, enumsAsTypes: true, useTypeImports: true },
    },
  },
}

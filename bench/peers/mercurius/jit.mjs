// Counts the operations that graphql-jit compiles, for a check by the benchmark. Import it before mercurius.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const jit = require('graphql-jit')

export const operations = { compiled: 0, refused: 0 }

function compileQuery (...given) {
  const outcome = jit.compileQuery(...given)
  operations[jit.isCompiledQuery(outcome) ? 'compiled' : 'refused'] += 1
  return outcome
}

require.cache[require.resolve('graphql-jit')].exports = { ...jit, compileQuery }

// Resolves packages that the examples import to those of this folder. Imports of relay-compiler's output have no file
// extension, as bundlers permit.
const EXAMPLES = new URL('../../examples/', import.meta.url).href

export const resolve = (name, context, next) => {
  if (name.endsWith('.graphql')) return next(`${name}.js`, context)
  const named = !name.startsWith('.') && context.parentURL?.startsWith(EXAMPLES)
  return next(name, named ? { ...context, parentURL: import.meta.url } : context)
}

// Examples name packages as apps do; here they are those of this folder. What relay-compiler writes leaves the ending out,
// as bundlers let it.
const EXAMPLES = new URL('../../examples/', import.meta.url).href

export const resolve = (name, context, next) => {
  if (name.endsWith('.graphql')) return next(`${name}.js`, context)
  const named = !name.startsWith('.') && context.parentURL?.startsWith(EXAMPLES)
  return next(name, named ? { ...context, parentURL: import.meta.url } : context)
}

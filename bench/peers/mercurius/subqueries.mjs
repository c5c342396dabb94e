// Renames the columns of statements.

/** Returns the name of a column as a property. `author__avatar_url` belongs to a joined row. */
export const property = (column) => column.replace(/(?<=[a-z0-9])_([a-z])/g, (_match, letter) => letter.toUpperCase())

/** Returns a statement that contains another one, with its columns renamed to properties. */
export function subquery (text, columns) {
  return `SELECT ${columns.map((column) => `s.${column} AS "${property(column)}"`).join(', ')} FROM (${text}) s`
}

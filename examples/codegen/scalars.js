// The JSON types of the schema's custom scalars, for GraphQL Code Generator and relay-compiler.
export const scalars = {
  // Integers of 64 bits, in decimal. `BigInt(text)` parses one.
  BigInt: 'string',
  // A day like 2026-01-31, without a time zone. `new Date(text)` would convert it to an instant.
  Date: 'string',
  // An instant in UTC like 2026-01-31T12:00:00.000Z. `new Date(text)` parses it.
  DateTime: 'string',
}

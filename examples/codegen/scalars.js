// How the schema's own scalars are written in JSON, for GraphQL Code Generator and relay-compiler.
export const scalars = {
  // Whole numbers of 64 bits, in decimal. `BigInt(text)` reads one.
  BigInt: 'string',
  // A day like 2026-01-31, without a time zone. `new Date(text)` would make an instant of it.
  Date: 'string',
  // An instant in UTC like 2026-01-31T12:00:00.000Z. `new Date(text)` reads it.
  DateTime: 'string',
}

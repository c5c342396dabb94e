// Connects to PostgreSQL with a pool of the same size as the other server's. Statements are prepared by name.
import pg from 'pg'

const TIMESTAMPTZ = 1184

// The time zone is UTC, so PostgreSQL's text differs from RFC 3339 only in one letter and the fraction digits.
pg.types.setTypeParser(TIMESTAMPTZ, (text) => {
  const [seconds, fraction = ''] = text.slice(0, -3).split('.')
  return `${seconds.replace(' ', 'T')}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
})

const pool = new pg.Pool({
  connectionString: process.env.BFF_DATABASE_URL,
  max: Number(process.env.BFF_DATABASE_POOL),
  idleTimeoutMillis: 0,
  options: '-c TimeZone=UTC'
})

/** Returns a function that runs the statement and returns its rows. */
export function statement (name, text) {
  return async (...values) => (await pool.query({ name, text, values })).rows
}

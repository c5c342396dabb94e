// PostgreSQL: a pool as large as the other server's, statements prepared once per connection under their names.
import pg from 'pg'

const TIMESTAMPTZ = 1184

// The sessions' time zone is UTC, so PostgreSQL's text is RFC 3339 but for a letter and the digits after the second.
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

/** A function that runs this statement and gives its rows. */
export function statement (name, text) {
  return async (...values) => (await pool.query({ name, text, values })).rows
}

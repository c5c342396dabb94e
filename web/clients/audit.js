// graphql-http's audit of a server, printed as JSON: one entry per audit, with its id, name, status and reason.
import { auditServer } from 'graphql-http'

const results = await auditServer({ url: process.argv[2] })
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))))

// Derives keys like core/keys.py, and verifies access tokens like services/security/access_tokens.py.
import { hkdfSync } from 'node:crypto'
import { createDecoder, createVerifier } from 'fast-jwt'

const REMEMBERED = 16_384
const CLOCK_SKEW_SECONDS = 30
const LONGEST = 1024

const secrets = process.env.BFF_SECRET_KEYS.split(',').map((item) => {
  const colon = item.indexOf(':')
  return [item.slice(0, colon).trim(), item.slice(colon + 1).trim()]
})

export function derive (purpose) {
  return secrets.map(([id, secret]) => [id, Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), purpose, 32))])
}

const decode = createDecoder({ complete: true })
const verifiers = new Map(derive('access-token').map(([id, key]) => [id, createVerifier({
  key,
  algorithms: ['HS256'],
  allowedIss: 'bff',
  allowedAud: 'bff',
  requiredClaims: ['exp', 'iat', 'iss', 'aud', 'sub', 'did'],
  ignoreExpiration: true
})]))
const verified = new Map()

function check (token) {
  if (token.length > LONGEST) throw new Error('token too long')
  const verify = verifiers.get(decode(token).header.kid)
  if (verify === undefined) throw new Error('unknown key')
  const { sub, iat, exp } = verify(token)
  const found = { userId: BigInt(sub).toString(), iat, exp }
  if (verified.size >= REMEMBERED) verified.delete(verified.keys().next().value)
  verified.set(token, found)
  return found
}

/** Returns the user id of an Authorization header, or null without a header. Throws for an invalid token. */
export function authenticate (header) {
  if (header === undefined) return null
  if (header.slice(0, 7).toLowerCase() !== 'bearer ') throw new Error('no bearer token')
  const token = header.slice(7).trim()
  const { userId, iat, exp } = verified.get(token) ?? check(token)
  const now = Date.now() / 1000
  if (now < iat - CLOCK_SKEW_SECONDS || now >= exp) throw new Error('expired')
  return userId
}

// Writes global ids like core/global_ids.py, and signed cursors like core/paging.py.
import { createBLAKE2b } from 'hash-wasm'
import { derive } from './keys.mjs'

const FORMAT = 1
const SIGNATURE_BITS = 80
const CODES = { User: 1, Post: 2, Comment: 3, Notification: 4, Payment: 5, Viewer: 7 }

const scratch = Buffer.alloc(18)
scratch[0] = FORMAT

/** Returns a function that writes the global id of a row of this type. Ids are decimal strings. */
export function globalIds (typename) {
  const code = CODES[typename]
  return (ownerId, rowId) => {
    scratch[1] = code
    scratch.writeBigUInt64BE(BigInt(rowId), 2)
    if (ownerId === rowId) return scratch.toString('base64url', 0, 10)
    scratch.writeBigUInt64BE(BigInt(ownerId), 10)
    return scratch.toString('base64url', 0, 18)
  }
}

const TYPENAMES = new Map(Object.entries(CODES).map(([typename, code]) => [code, typename]))

/** Returns the parts of a global id. Ids are decimal strings. */
export function readGlobalId (text) {
  const data = Buffer.from(text, 'base64url')
  const rowId = data.readBigUInt64BE(2).toString()
  return {
    typename: TYPENAMES.get(data[1]),
    ownerId: data.length === scratch.length ? data.readBigUInt64BE(10).toString() : rowId,
    rowId
  }
}

const [[, key]] = derive('cursor')
const signer = await createBLAKE2b(SIGNATURE_BITS, key)
const NUMBER_BYTES = 8
const cursor = Buffer.alloc(5 * NUMBER_BYTES + SIGNATURE_BITS / 8)

/** Returns the cursor of a place in a list, which up to five numbers identify. */
export function writeCursor (listName, ...numbers) {
  numbers.forEach((number, place) => cursor.writeBigUInt64BE(BigInt(number), place * NUMBER_BYTES))
  const signed = numbers.length * NUMBER_BYTES
  signer.init()
  signer.update(`${listName}\0`)
  signer.update(cursor.subarray(0, signed))
  cursor.set(signer.digest('binary'), signed)
  return cursor.toString('base64url', 0, signed + SIGNATURE_BITS / 8)
}

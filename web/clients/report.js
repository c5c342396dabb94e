// Shared code of the programs: input of a test, and output of results.
import assert from 'node:assert/strict'
import { register } from 'node:module'
import { createInterface } from 'node:readline'

export { assert }

/** URLs, tokens and files from tests/clients/programs.py. */
export const given = JSON.parse(process.argv[2])

const LONGEST = 15_000
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** Imports an example with the packages of this folder. */
export const example = (name) => import(new URL(`../../examples/${name}`, import.meta.url))
register('./packages.js', import.meta.url)

/** Runs one feature of the client, and prints the result. `longest` is the milliseconds after which it fails. */
export async function feature(name, run, longest = LONGEST) {
  let detail = 'ok'
  const timeout = AbortSignal.timeout(longest)
  const late = new Promise((_, reject) => timeout.addEventListener('abort', () => reject(new Error('took too long'))))
  try {
    await Promise.race([run(), late])
  } catch (error) {
    detail = error?.stack ?? JSON.stringify(error)
  }
  console.log(JSON.stringify({ feature: name, detail }))
}

/** Requests an action of the test on the server; returns when it is done. */
export async function ask(wish) {
  console.log(JSON.stringify({ wish }))
  await answers.next()
}

/** Records the requests that are sent from now on. */
export function watch() {
  const seen = []
  globalThis.fetch = (url, options = {}) => {
    const { method = 'GET', headers, body, signal } = options
    seen.push({ method, url: String(url), headers: new Headers(headers), body, signal })
    return original(url, options)
  }
  return seen
}
const original = globalThis.fetch

export const bodies = (seen) => seen.map(({ body }) => JSON.parse(body))

/** Returns an operation of the apps with its fragments. */
export function operation(name, { parse, print, separateOperations }) {
  const documents = given.documents.map((text) => separateOperations(parse(text)))
  return print(documents.find((each) => name in each)[name])
}

/** Publishes events to all subscribers in this process. */
export class Topic {
  #subscribers = new Set()

  publish (event) {
    for (const subscriber of this.#subscribers) subscriber.push(event)
  }

  subscribe () {
    const subscriber = new Subscriber(() => this.#subscribers.delete(subscriber))
    this.#subscribers.add(subscriber)
    return subscriber
  }
}

/** An async iterator of the events that were published since it was created. */
class Subscriber {
  #events = []
  #waiting
  #leave

  constructor (leave) {
    this.#leave = leave
  }

  [Symbol.asyncIterator] () {
    return this
  }

  push (event) {
    if (this.#waiting) {
      this.#waiting({ value: event, done: false })
      this.#waiting = undefined
    } else {
      this.#events.push(event)
    }
  }

  next () {
    if (this.#events.length) return Promise.resolve({ value: this.#events.shift(), done: false })
    return new Promise(resolve => { this.#waiting = resolve })
  }

  return () {
    this.#leave()
    this.#waiting?.({ value: undefined, done: true })
    return Promise.resolve({ value: undefined, done: true })
  }
}

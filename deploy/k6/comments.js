// Holds WebSockets that follow posts, and writes comments: k6 run deploy/k6/comments.js
//
// CONNECTIONS users each open the screen of a post, subscribe after its cursor, and write a comment every few seconds.
// `comment_delivery` is the time from sending a comment to its event on the WebSocket of its author.

import { check, fail } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import { clearTimeout, setTimeout } from 'k6/timers';
import { WebSocket } from 'k6/websockets';
import exec from 'k6/execution';

import { BASE_URL, headersOf, send, sendAsync, signIn } from './bff.js';
import { ADD_COMMENT, POST_EVENTS, PUBLISH_POST, THREAD } from './documents.js';

const COMMENTS = Number(__ENV.COMMENTS || 5);
const PAUSE_SECONDS = Number(__ENV.PAUSE_SECONDS || 5);
const LATEST_SECONDS = 10;
const delivery = new Trend('comment_delivery', true);
const missing = new Counter('comments_not_delivered');
const events = new Counter('events_received');

export const options = {
  scenarios: {
    comments: {
      executor: 'constant-vus',
      vus: Number(__ENV.CONNECTIONS || 20),
      duration: __ENV.DURATION || '1m',
      gracefulStop: `${COMMENTS * PAUSE_SECONDS + LATEST_SECONDS}s`,
    },
  },
  thresholds: {
    checks: ['rate>0.999'],
    comment_delivery: ['p(95)<500', 'p(99)<2000'],
    comments_not_delivered: ['count==0'],
  },
};

export function setup() {
  const sessions = signIn();
  const posts = sessions.map((session) => {
    const body = send('PublishPost', PUBLISH_POST, { input: { body: 'A post of a load test.' } }, session);
    const result = body && body.data && body.data.publishPost;
    if (!result || result.__typename !== 'PublishPostSuccess') {
      fail(`a post cannot be published: ${JSON.stringify(body)}`);
    }
    return result.post.id;
  });
  return { sessions, posts };
}

export default function comments({ sessions, posts }) {
  const number = exec.vu.idInTest;
  const session = sessions[number % sessions.length];
  const postId = posts[number % posts.length];
  const body = send('Thread', THREAD, { postId, first: 20 }, session);
  const post = body && body.data && body.data.node;
  if (post) {
    new Screen(session, postId, post.liveCursor).open();
  }
}

// The screen of a post: one WebSocket with one subscription.
class Screen {
  constructor(session, postId, cursor) {
    this.session = session;
    this.variables = { postId, after: cursor };
    this.prefix = `${exec.vu.idInTest}-${exec.vu.iterationInScenario}-${Date.now()}`;
    this.sentAt = new Map();
    this.written = 0;
    this.timer = null;
  }

  open() {
    const url = `${BASE_URL.replace(/^http/, 'ws')}/graphql`;
    this.socket = new WebSocket(url, 'graphql-transport-ws', { headers: headersOf(null), tags: { name: 'PostEvents' } });
    this.socket.onopen = () =>
      this.write({ type: 'connection_init', payload: { Authorization: `Bearer ${this.session.token}` } });
    this.socket.onmessage = (message) => this.receive(JSON.parse(message.data));
    this.socket.onclose = () => this.end();
  }

  write(message) {
    this.socket.send(JSON.stringify(message));
  }

  receive(message) {
    if (message.type === 'ping') {
      this.write({ type: 'pong' });
    } else if (message.type === 'connection_ack') {
      const payload = { query: POST_EVENTS, variables: this.variables, operationName: 'PostEvents' };
      this.write({ id: '1', type: 'subscribe', payload });
      this.comment();
    } else if (message.type === 'next') {
      this.note(message.payload);
    } else {
      check(message, { 'the subscription continues': (it) => it.type === 'pong' });
      this.socket.close();
    }
  }

  // Notes an event. Only comments of this screen have a time; those of others are counted.
  note({ data, errors }) {
    check(errors, { 'events have no errors': (it) => !it });
    events.add(1);
    const event = data && data.postEvents.event;
    const text = event && event.__typename === 'CommentAdded' && event.comment && event.comment.body;
    if (text && this.sentAt.has(text)) {
      delivery.add(Date.now() - this.sentAt.get(text));
      this.sentAt.delete(text);
    }
  }

  // Writes a comment, and plans the next one, or the end.
  comment() {
    if (this.written === COMMENTS) {
      this.timer = setTimeout(() => this.socket.close(), LATEST_SECONDS * 1000);
      return;
    }
    this.written += 1;
    const text = `Comment ${this.prefix}-${this.written}`;
    this.sentAt.set(text, Date.now());
    const input = { postId: this.variables.postId, body: text };
    sendAsync('AddComment', ADD_COMMENT, { input }, this.session).then((body) => {
      const result = body && body.data && body.data.addComment;
      if (!check(result, { 'the comment is added': (it) => it && it.__typename === 'AddCommentSuccess' })) {
        this.sentAt.delete(text);
      }
    });
    this.timer = setTimeout(() => this.comment(), PAUSE_SECONDS * 1000);
  }

  end() {
    clearTimeout(this.timer);
    check(this.written, { 'the WebSocket stays open': (it) => it === COMMENTS });
    missing.add(this.sentAt.size);
  }
}

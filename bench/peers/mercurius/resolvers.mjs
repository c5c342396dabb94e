// Contains the resolvers that both variants share.
import { globalIds, writeCursor } from './ids.mjs'
import { HIGHEST, page, pageResolvers } from './pages.mjs'
import { node, singleFields } from './nodes.mjs'
import { search } from './search.mjs'

const KINDS = ['COMMENT', 'FOLLOW', 'LIKE', 'PAYMENT_FAILED', 'PAYMENT_RECEIVED', 'REFUND', 'SECURITY']
const TEXTS = {
  FOLLOW: (who) => `${who} started following you.`,
  LIKE: (who) => `${who} liked your post.`,
  COMMENT: (who) => `${who} commented on your post.`,
  PAYMENT_RECEIVED: (who) => `${who} sent you a payment.`,
  PAYMENT_FAILED: () => 'Your payment did not go through.',
  REFUND: (who) => `${who} refunded your payment.`,
  SECURITY: () => 'A new device signed in to your account.'
}

/** Returns the text of a notification. `actor` is the visible actor, or null. */
export function text ({ kind, actorCount }, actor) {
  const others = Number(actorCount) - 1
  const who = actor ? actor.name : 'Someone'
  return TEXTS[kind](others > 0 ? `${who} and ${others} ${others === 1 ? 'other' : 'others'}` : who)
}

/** Returns one page of comments for each post, by one statement. */
export async function commentPages (readComments, userId, posts, first) {
  const rows = await readComments(posts.map((post) => post.authorId), posts.map((post) => post.id), userId, 0, first + 1)
  const byPost = new Map(posts.map((post) => [post.id, []]))
  for (const row of rows) byPost.get(row.postId).push(row)
  return posts.map((post) => page(`Post.comments:${post.id}`, byPost.get(post.id), first))
}

const ids = Object.fromEntries(
  ['User', 'Post', 'Comment', 'Notification', 'Payment', 'Viewer'].map((name) => [name, globalIds(name)]))

/** Returns the resolvers. Users are not in them: they are columns of rows, or loaded. */
export function newResolvers (statements) {
  const { home_feed: readFeed, inbox: readInbox, payments: readPayments } = statements

  /** Returns the user, the counts of notifications and the ends of streams, which one statement reads. */
  async function own (viewer) {
    viewer.own ??= statements.own_by_id(viewer.userId)
    return (await viewer.own)[0]
  }

  return {
    ...pageResolvers,
    Query: {
      viewer (_root, _given, { userId, refused }) {
        if (refused) throw refused
        return userId === null ? null : { userId }
      },
      node,
      search
    },
    Viewer: {
      id: ({ userId }) => ids.Viewer(userId, userId),
      user: own,
      notificationCounts: own,
      feed: async ({ userId }, { first }) =>
        page(`Viewer.feed:${userId}`, await readFeed(userId, HIGHEST, first + 1), first),
      notifications: async ({ userId }, { first }) =>
        page(`Viewer.notifications:all::${userId}`, await readInbox(userId, HIGHEST, first + 1, KINDS), first),
      payments: async ({ userId }, { first }) =>
        page(`Viewer.payments:${userId}`, await readPayments(userId, HIGHEST, first + 1), first),
      async liveCursor (viewer) {
        const { epoch, place, popularEpoch, popularPlace, countsRevision } = await own(viewer)
        return writeCursor(`live:${viewer.userId}`, epoch, place, popularEpoch, popularPlace, countsRevision)
      }
    },
    User: { id: ({ id }) => ids.User(id, id), ...singleFields.User },
    Post: { id: ({ id, authorId }) => ids.Post(authorId, id), ...singleFields.Post },
    Comment: { id: ({ id, ownerId }) => ids.Comment(ownerId, id) },
    Notification: { id: ({ id, ownerId }) => ids.Notification(ownerId, id) },
    Payment: { id: ({ id, ownerId }) => ids.Payment(ownerId, id), amount: (payment) => payment },
    Money: { minorUnits: ({ amount }) => amount }
  }
}

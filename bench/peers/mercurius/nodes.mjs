// Contains the resolver of `node` and the fields of a post that it reads, like resolvers/nodes.py and schema/feed.
import { readGlobalId, writeCursor } from './ids.mjs'
import { joined } from './statements.mjs'

const UNKNOWN_COUNTS = 2n ** 62n
const START = [0, 0, 0, 0, 0]

/** Returns a visible post. If the operation selects its cursor of live updates, the horizon is read before all else. */
export async function node (_root, { id }, context) {
  const { typename, ownerId, rowId } = readGlobalId(id)
  if (typename !== 'Post') throw new Error(`node does not support the type ${typename}`)
  if (joined.read_horizon) context.horizon = (await joined.read_horizon())[0].tx
  const [[post], blocks] = await Promise.all([
    joined.post_by_id([ownerId], [rowId]), joined.blocks_by_owner([context.userId])
  ])
  if (!post || blocks.some(({ otherId }) => otherId === post.authorId)) return null
  post.__typename = typename
  return post
}

/** Fields of single posts. Posts of a feed contain their likes. */
const postFields = {
  async likedByViewer (post, _given, { userId }) {
    return (await joined.liked_by_viewer([post.authorId], [post.id], userId)).length > 0
  },
  async liveCursor (post, _given, { horizon }) {
    const [stream] = await joined.live_position_by_post([post.authorId], [post.id], horizon)
    const place = stream && (stream.nextPlace === null ? stream.lastPlace : BigInt(stream.nextPlace) - 1n)
    const numbers = stream ? [stream.epoch, place, 0, 0, UNKNOWN_COUNTS] : START
    return writeCursor(`live:${post.authorId}.${post.id}`, ...numbers)
  }
}
const userFields = {
  async followedByViewer ({ id }, _given, { userId }) {
    return (await joined.followed_by_viewer(userId, [id])).length > 0
  }
}

/** The fields whose statements belong to the operation. In others their values are in the rows. */
export const singleFields = {
  Post: {
    ...(joined.liked_by_viewer && { likedByViewer: postFields.likedByViewer }),
    ...(joined.live_position_by_post && { liveCursor: postFields.liveCursor })
  },
  User: { ...(joined.followed_by_viewer && userFields) }
}

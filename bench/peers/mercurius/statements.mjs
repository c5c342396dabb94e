// Contains the statements of services/ and loaders/, with joined users or, in `plain…`, without users.
import { statement } from './database.mjs'

const person = (prefix) =>
  ['id', 'handle', 'name', 'bio', 'avatar_url', 'created_at'].map((name) => `u.${name} AS ${prefix}__${name}`).join(', ')

const count = (base, owner, subject, counter) =>
  `(COALESCE(${base}, 0) + COALESCE((SELECT CAST(SUM(d.delta) AS BIGINT) FROM count_deltas d ` +
  `WHERE d.owner_id = ${owner} AND d.subject_id = ${subject} AND d.counter = '${counter}'), 0))`

const unblocked = (viewer, other) =>
  `NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.owner_id = ${viewer} AND blocks.other_id = ${other})`

const USER = 'u.id, u.handle, u.name, u.bio, u.avatar_url AS "avatarUrl", u.created_at AS "createdAt"'
const POST =
  'p.id, p.author_id AS "authorId", p.body, p.created_at AS "createdAt", p.edited_at AS "editedAt", ' +
  `${count('pc.likes', 'p.author_id', 'p.id', 'likes')} AS "likeCount", ` +
  `${count('pc.comments', 'p.author_id', 'p.id', 'comments')} AS "commentCount", ` +
  'EXISTS (SELECT 1 FROM likes l WHERE l.owner_id = p.author_id AND l.post_id = p.id AND l.user_id = $1) ' +
  'AS "likedByViewer"'
const COMMENT =
  'c.id, c.owner_id AS "ownerId", c.post_id AS "postId", c.author_id AS "authorId", c.body, ' +
  'c.created_at AS "createdAt"'
const NOTIFICATION =
  'n.owner_id AS "ownerId", n.id, n.kind, n.actor_id AS "actorId", n.actor_count AS "actorCount", ' +
  'n.created_at AS "createdAt", n.seen_at AS "seenAt", n.read_at AS "readAt", n.subject_type AS "subjectType", ' +
  'n.subject_owner_id AS "subjectOwnerId", n.subject_id AS "subjectId"'
const PAYMENT =
  'p.owner_id AS "ownerId", p.id, p.kind, p.status, p.amount AS "minorUnits", p.refunded_amount AS "refunded", ' +
  'p.currency, p.note, p.failure_code AS "failureCode", p.created_at AS "createdAt", p.updated_at AS "updatedAt", ' +
  'pp.direction, pp.counterparty_id AS "counterpartyId"'

const PUSHED =
  'SELECT p.author_id, p.id, p.body, p.created_at, p.edited_at FROM feed_entries e ' +
  'JOIN posts p ON p.author_id = e.author_id AND p.id = e.post_id ' +
  'WHERE e.owner_id = $1 AND e.post_id < $2 AND p.deleted_at IS NULL AND (e.author_id = $1 ' +
  'OR EXISTS (SELECT 1 FROM follows f WHERE f.owner_id = $1 AND f.followee_id = e.author_id)) ' +
  `AND ${unblocked('$1', 'e.author_id')} ORDER BY e.post_id DESC LIMIT $3`
const PULLED_OF = 'q.author_id = a.author_id AND q.pulled AND q.deleted_at IS NULL AND q.id'
const POPULAR =
  'SELECT a.author_id, COALESCE((SELECT q.id FROM posts q ' +
  `WHERE ${PULLED_OF} < $2 ORDER BY q.id DESC LIMIT 1), 0) AS newest_id ` +
  'FROM popular_authors a JOIN follows f ON f.owner_id = $1 AND f.followee_id = a.author_id ' +
  `WHERE ${unblocked('$1', 'a.author_id')} ORDER BY newest_id DESC LIMIT $3`
const PULLED =
  `SELECT p.author_id, p.id, p.body, p.created_at, p.edited_at FROM (${POPULAR}) a ` +
  `CROSS JOIN LATERAL (SELECT q.* FROM posts q WHERE ${PULLED_OF} <= a.newest_id ORDER BY q.id DESC LIMIT $3) p ` +
  'ORDER BY p.id DESC LIMIT $3'

const feed = (columns, join) =>
  `SELECT ${POST}${columns} FROM (` +
  `SELECT * FROM (SELECT * FROM (${PUSHED}) pushed UNION ALL SELECT * FROM (${PULLED}) pulled) candidates ` +
  `ORDER BY id DESC LIMIT $3) p ${join} ` +
  'LEFT JOIN post_counts pc ON pc.author_id = p.author_id AND pc.post_id = p.id ORDER BY p.id DESC'

const comments = (columns, join) =>
  `SELECT r.* FROM unnest($1::bigint[], $2::bigint[]) AS k (key1, key2) CROSS JOIN LATERAL (SELECT ${COMMENT}${columns} ` +
  `FROM comments c ${join} WHERE c.owner_id = k.key1 AND c.post_id = k.key2 AND c.id > $4 AND c.deleted_at IS NULL ` +
  `AND ${unblocked('$3', 'c.author_id')} ORDER BY c.id ASC LIMIT $5) r ORDER BY r.id ASC`

const inbox = (columns, join) =>
  `SELECT ${NOTIFICATION}${columns} FROM notifications n ${join} ` +
  'WHERE n.owner_id = $1 AND n.id < $2 AND n.archived_at IS NULL AND n.kind = ANY($4) ' +
  'AND (n.read_at IS NULL OR NOT CAST($5 AS BOOLEAN)) ORDER BY n.id DESC LIMIT $3'

const payments = (columns, join) =>
  `SELECT ${PAYMENT}${columns} FROM payment_parties pp ` +
  `JOIN payments p ON p.owner_id = pp.payment_owner_id AND p.id = pp.payment_id ${join} ` +
  'WHERE pp.owner_id = $1 AND pp.payment_id < $2 ORDER BY pp.payment_id DESC LIMIT $3'

const seen = (owner, other) => `LEFT JOIN users u ON u.id = ${other} AND ${unblocked(owner, other)}`

export const readOwn = statement(
  'own', `SELECT ${USER}, ${count('n.unseen', 'u.id', 'u.id', 'unseen')} AS unseen, ` +
  `${count('n.unread', 'u.id', 'u.id', 'unread')} AS unread, COALESCE(s.epoch, 0) AS epoch, ` +
  'COALESCE(s.last_place, 0) AS place, COALESCE(o.epoch, 0) AS "popularEpoch", ' +
  'COALESCE(o.last_place, 0) AS "popularPlace", COALESCE(s.counts_revision, 0) AS "countsRevision" ' +
  'FROM users u LEFT JOIN notification_counts n ON n.owner_id = u.id ' +
  'LEFT JOIN streams s ON s.owner_id = u.id AND s.id = u.id LEFT JOIN streams o ON o.owner_id = 0 AND o.id = 0 ' +
  'WHERE u.id = $1')
export const readPeople = statement(
  'people', `SELECT ${USER} FROM users u WHERE u.id = ANY($2::bigint[]) AND ${unblocked('$1', 'u.id')}`)

export const joined = {
  readFeed: statement('feed', feed(`, ${person('author')}`, 'JOIN users u ON u.id = p.author_id')),
  readComments: statement('comments', comments(`, ${person('author')}`, 'JOIN users u ON u.id = c.author_id')),
  readInbox: statement('inbox', inbox(`, ${person('actor')}`, seen('n.owner_id', 'n.actor_id'))),
  readPayments: statement(
    'payments', payments(`, ${person('counterparty')}`, seen('pp.owner_id', 'pp.counterparty_id')))
}

export const plain = {
  readFeed: statement('plain_feed', feed('', '')),
  readComments: statement('plain_comments', comments('', '')),
  readInbox: statement('plain_inbox', inbox('', '')),
  readPayments: statement('plain_payments', payments('', ''))
}

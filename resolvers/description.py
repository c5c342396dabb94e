"""The description of the schema, in Markdown. Documentation tools show it first."""

DESCRIPTION = """\
The backend of a mobile app: accounts and devices, a social feed, payments, notifications and search.

## Sign in

`logIn` and `signUp` return a session. Send its `accessToken` with every request, in the header
`Authorization: Bearer <accessToken>`; over a WebSocket, in the payload of `connection_init`. Before it expires,
exchange the `refreshToken` by `refreshSession`. Without an access token `viewer` is null. With an invalid
one, fields that need the viewer fail with the code `UNAUTHENTICATED`.

## Read

`viewer` contains the signed-in user's data: feed, notifications, wallet, devices. `user`, `search`, `node` and `nodes`
return other objects. An object that the user may not see is null, like one that does not exist.

## Ids

An `id` is opaque and unique across all types. Send it unchanged, to `node` or in an input.

## Lists

Lists are Relay connections with forward pagination. `first` is 1 to 100. For the next page, send
`pageInfo.endCursor` as `after`. A cursor is opaque and valid for its own list.

## Write

A mutation has one argument, `input`, or none, and returns a union: its success, or problems that the user can solve.
Select `... on Problem { code message field }` in every mutation: it also matches problems that are added later. If an
input has an `idempotencyKey`, a request without a response can be repeated with the same key: it takes effect once.

## Errors

All other failures are in `errors`. `extensions.code` is the kind of error, `extensions.retryable` states whether the
same request may succeed later, and `extensions.requestId` identifies the request in the server's log. A failed field is
null, and the other fields keep their results.

## Changes

Fields are added, and not changed or removed without notice: a deprecation contains the date of the removal.\
"""

"""The description of the whole schema: what the front page of its documentation says. Markdown."""

DESCRIPTION = """\
The backend of a mobile app: accounts and devices, a social feed, payments, notifications and search.

## Sign in

`logIn` and `signUp` return a session. Send its `accessToken` with every request, in the header
`Authorization: Bearer <accessToken>`; over a WebSocket, in the payload of `connection_init`. Before it expires,
exchange the `refreshToken` by `refreshSession`. Without an access token `viewer` is null; with one that is not valid
any more, fields that need the viewer fail with the code `UNAUTHENTICATED`.

## Read

`viewer` is what the signed-in person sees: feed, notifications, wallet, devices. `user`, `search`, `node` and `nodes`
find the rest. What a person may not see looks like what does not exist: null.

## Ids

An `id` is opaque and unique across all types. Send it back as it was received, to `node` or in an input.

## Lists

Lists are Relay connections that are read forwards. `first` is 1 to 100. To go on, send `pageInfo.endCursor` as `after`.
A cursor is opaque and valid for its own list.

## Write

A mutation has one argument, `input`, or none, and returns a union: its success, or problems that a person can solve.
Select `... on Problem { code message field }` in every mutation: it matches problems that are added later, too. Where
an input has an `idempotencyKey`, a request that got no answer may be sent again with the same key: it is done once.

## Errors

All other failures are in `errors`. `extensions.code` says what the app should do, `extensions.retryable` whether the
same request may succeed later, and `extensions.requestId` names the request in the server's log. A field that fails is
null and leaves the other fields' answers.

## Changes

Fields are added, not changed or removed without notice: what is deprecated names the day after which it is removed.\
"""

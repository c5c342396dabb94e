"""Operations over WebSockets, by the protocol graphql-transport-ws.

`messages` says what may be sent; `endpoint` opens a socket; `socket` is one, from the first message to the last;
`running` is one operation over it.
"""

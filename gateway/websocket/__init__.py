"""The WebSocket transport: the subprotocol graphql-transport-ws.

`connection` has one method per message type of the protocol. `running_operation` executes the operation of a
`subscribe` message.
"""

// The documents of the scenarios: operations of schema-operations/. A test compares them with these and with the schema.
// If your apps send others, replace them here.

export const LOG_IN = `
mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    __typename
    ... on LogInSuccess {
      session {
        ...SessionTokens
      }
      user {
        id
        handle
        name
      }
    }
    ... on Problem {
      code
      message
      field
    }
  }
}

fragment SessionTokens on Session {
  accessToken
  refreshToken
  expiresAt
  device {
    id
    name
    platform
  }
}
`;

export const HOME = `
query Home($feedFirst: Int = 20) {
  viewer {
    id
    user {
      id
      handle
      name
      avatarUrl
    }
    notificationCounts {
      unseen
      unread
    }
    feed(first: $feedFirst) {
      edges {
        cursor
        node {
          id
          body
          createdAt
          likeCount
          commentCount
          likedByViewer
          author {
            id
            handle
            name
            avatarUrl
          }
          comments(first: 3) {
            edges {
              node {
                id
                body
                author {
                  id
                  name
                }
              }
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    notifications(first: 10) {
      edges {
        node {
          id
          kind
          text
          createdAt
          readAt
          actor {
            id
            name
          }
        }
      }
    }
    payments(first: 5) {
      edges {
        node {
          id
          amount {
            minorUnits
            currency
          }
          status
          direction
          createdAt
          counterparty {
            id
            name
          }
        }
      }
    }
    liveCursor
  }
}
`;

export const WALLET = `
query WalletScreen($first: Int = 20, $after: String) {
  viewer {
    id
    wallet {
      id
      currency
      available {
        minorUnits
        currency
      }
      pending {
        minorUnits
        currency
      }
      entries(first: $first, after: $after) {
        edges {
          cursor
          node {
            id
            amount {
              minorUnits
              currency
            }
            balanceAfter {
              minorUnits
              currency
            }
            createdAt
            payment {
              id
              kind
              status
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
    paymentMethods(first: 10) {
      edges {
        node {
          id
          brand
          lastFour
          expiresOn
          isDefault
        }
      }
    }
  }
}
`;

export const SEND_PAYMENT = `
mutation SendPayment($input: SendPaymentInput!) {
  sendPayment(input: $input) {
    __typename
    ... on SendPaymentSuccess {
      payment {
        ...PaymentParts
      }
      wallet {
        id
        available {
          minorUnits
          currency
        }
      }
      replayed
    }
    ... on Problem {
      code
      message
      field
    }
  }
}

fragment PaymentParts on Payment {
  id
  kind
  status
  direction
  amount {
    minorUnits
    currency
  }
  refundedAmount {
    minorUnits
    currency
  }
  note
  failureCode
  createdAt
  updatedAt
  counterparty {
    id
    handle
    name
  }
}
`;

export const PUBLISH_POST = `
mutation PublishPost($input: PublishPostInput!) {
  publishPost(input: $input) {
    __typename
    ... on PublishPostSuccess {
      post {
        id
        body
        createdAt
        likeCount
        commentCount
        author {
          id
          handle
        }
      }
    }
    ... on Problem {
      code
      message
      field
    }
  }
}
`;

export const THREAD = `
query Thread($postId: ID!, $first: Int = 20, $after: String) {
  node(id: $postId) {
    __typename
    ... on Post {
      id
      body
      createdAt
      editedAt
      likeCount
      commentCount
      likedByViewer
      liveCursor
      author {
        id
        handle
        name
        avatarUrl
        followedByViewer
      }
      comments(first: $first, after: $after) {
        edges {
          cursor
          node {
            id
            body
            createdAt
            author {
              id
              handle
              name
              avatarUrl
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
}
`;

export const ADD_COMMENT = `
mutation AddComment($input: AddCommentInput!) {
  addComment(input: $input) {
    __typename
    ... on AddCommentSuccess {
      comment {
        id
        body
        createdAt
        author {
          id
          handle
        }
        post {
          id
          commentCount
        }
      }
    }
    ... on Problem {
      code
      message
      field
    }
  }
}
`;

export const POST_EVENTS = `
subscription PostEvents($postId: ID!, $after: String) {
  postEvents(postId: $postId, after: $after) {
    cursor
    event {
      __typename
      ... on PostChanged {
        post {
          id
          body
          editedAt
          likeCount
          commentCount
        }
      }
      ... on CommentAdded {
        comment {
          id
          body
          createdAt
          author {
            id
            handle
            name
          }
        }
      }
      ... on PostRemoved {
        postId
      }
      ... on StreamReset {
        reason
      }
    }
  }
}
`;

// Follows the events of the viewer. The fragments on posts update the store, which all screens show.
export const events = graphql`
  subscription LiveViewerEventsSubscription($after: String) {
    viewerEvents(after: $after) {
      cursor
      occurredAt
      event {
        __typename
        ... on FeedPostPublished {
          post {
            id
            body
            author {
              handle
            }
          }
        }
        ... on FeedPostRemoved {
          postId
        }
        ... on StreamReset {
          reason
        }
      }
    }
  }
`;

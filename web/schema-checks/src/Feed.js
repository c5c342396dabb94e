// Paginates the home feed, and queries the screen that starts with it.
export const screen = graphql`
  query FeedQuery($count: Int = 20) {
    viewer {
      id
      ...Feed_viewer @arguments(count: $count)
    }
  }
`;

export const page = graphql`
  fragment Feed_viewer on Viewer
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "FeedPaginationQuery") {
    feed(first: $count, after: $cursor) @connection(key: "Feed_feed") {
      edges {
        node {
          id
          body
          author {
            handle
          }
        }
      }
    }
  }
`;

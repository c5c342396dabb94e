// Paginates the comments of a post, and refetches a post by its id.
export const page = graphql`
  fragment Comments_post on Post
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "CommentsPaginationQuery") {
    comments(first: $count, after: $cursor) @connection(key: "Comments_comments") {
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

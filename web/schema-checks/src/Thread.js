// Queries a post by its id. For an object of another type, only the type's name is selected.
export const screen = graphql`
  query ThreadQuery($id: ID!) {
    node(id: $id) {
      __typename
      ... on Post {
        body
        ...Comments_post @alias
      }
    }
  }
`;

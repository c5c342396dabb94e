// A post by its id. Of another type only the type's name comes back.
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

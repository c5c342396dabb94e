// A mutation's result is a union. Each type except the success is a Problem, also types that are newer than the app.
export const mutation = graphql`
  mutation LogInMutation($input: LogInInput!, $connections: [ID!]!) {
    logIn(input: $input) {
      __typename
      ... on LogInSuccess {
        session {
          accessToken
          device {
            id
          }
        }
        user @appendNode(connections: $connections, edgeTypeName: "UserEdge") {
          id
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
`;

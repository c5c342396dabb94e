// Operations of an app with Relay on the schema of tests/clients/stage.py. relay-compiler compiles them; nothing runs them.
export const count = graphql`
  subscription StageCountSubscription {
    count(to: 2) {
      number
      viewer
    }
  }
`;

export const forever = graphql`
  subscription StageForeverSubscription {
    forever {
      number
      viewer
    }
  }
`;

export const screen = graphql`
  query StagePersonQuery {
    person {
      name
      ...Stage_person @defer(label: "later")
    }
  }
`;

export const later = graphql`
  fragment Stage_person on Person {
    nickname
    friends {
      name
      nickname
    }
  }
`;

export const waiting = graphql`
  query StageLaterQuery {
    later
  }
`;

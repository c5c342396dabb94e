// Run from the root of the repository: the files that it names are there, as is .graphqlrc.yml, which the plugin reads.
import graphql from "@graphql-eslint/eslint-plugin";

const { configs } = graphql;

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: { parser: graphql.parser },
    plugins: { "@graphql-eslint": graphql },
  },
  {
    files: ["schema.graphql"],
    rules: {
      ...configs["flat/schema-recommended"].rules,
      ...configs["flat/schema-relay"].rules,
      // Connections, edges, problems and values like Money cannot be fetched again, so they have no id.
      "@graphql-eslint/strict-id-in-types": "off",
      // It takes a directive that describes the schema itself, and what only that uses, for unreachable.
      "@graphql-eslint/no-unreachable-types": "off",
      // Lists are read forwards only; Relay is content with `first` and `after`.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      // What is short and whole, like the answers of `nodes`, is a plain list, and Relay takes it as such.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
  {
    files: ["schema-operations/**/*.graphql"],
    rules: {
      ...configs["flat/operations-recommended"].rules,
      // 7 by default. The home screen has a page of comments in each post of a page, which is one more.
      "@graphql-eslint/selection-set-depth": ["error", { maxDepth: 8 }],
    },
  },
];

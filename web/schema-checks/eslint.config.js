// Runs from the root of the repository, where the listed files and .graphqlrc.yml of the plugin are.
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
      // Connections, edges, problems and values like Money cannot be refetched, so they have no id.
      "@graphql-eslint/strict-id-in-types": "off",
      // It reports a directive that describes the schema itself, and types that only this directive uses, as unreachable.
      "@graphql-eslint/no-unreachable-types": "off",
      // Lists support forward pagination only; Relay accepts `first` and `after`.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      // Short, complete lists, like the result of `nodes`, are plain lists, which Relay accepts.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
  {
    files: ["schema-operations/**/*.graphql"],
    rules: {
      ...configs["flat/operations-recommended"].rules,
      // The default is 7. The home screen has a page of comments in each post, which is one more.
      "@graphql-eslint/selection-set-depth": ["error", { maxDepth: 8 }],
    },
  },
];

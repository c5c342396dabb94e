import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";

/** A function that shows a ready operation: in the tab that has it, or else in an empty or a new one. */
export function useOpen() {
  const { tabs, activeTabIndex, queryEditor, variableEditor } = useGraphiQL(
    pick("tabs", "activeTabIndex", "queryEditor", "variableEditor"),
  );
  const { addTab, changeTab, setOperationName, updateActiveTabValues } = useGraphiQLActions();
  return ({ name, query, variables }) => {
    const place = tabs.findIndex(({ title }) => title === name);
    if (place === activeTabIndex) return;
    if (place >= 0) {
      changeTab(place);
    } else {
      if (tabs[activeTabIndex].query?.trim()) addTab();
      queryEditor.setValue(query);
      variableEditor.setValue(variables);
      updateActiveTabValues({ query, variables });
    }
    // GraphiQL learns the name 100 ms late, and gives the tab that is left meanwhile the name of the one before it.
    setOperationName(name);
  };
}

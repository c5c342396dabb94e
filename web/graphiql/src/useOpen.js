import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";

/**
 * Returns a function that opens an operation in the tab that contains it, or else in an empty or new tab.
 *
 * Returns undefined while the editors are loading.
 */
export function useOpen() {
  const { tabs, activeTabIndex, queryEditor, variableEditor } = useGraphiQL(
    pick("tabs", "activeTabIndex", "queryEditor", "variableEditor"),
  );
  const { addTab, changeTab, setOperationName, updateActiveTabValues } = useGraphiQLActions();
  if (!queryEditor || !variableEditor) return undefined;
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
    // GraphiQL updates the name after 100 ms. If the user leaves the tab before, it gets the name of the previous tab.
    setOperationName(name);
  };
}

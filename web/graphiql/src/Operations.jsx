import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect, useRef, useState } from "react";

import { useOpen } from "./useOpen.js";
import { isNarrow } from "./width.js";

/** Renders a panel that lists the operations of the apps. */
export function operationsPlugin(operations) {
  return { title: "Operations", icon: OperationsIcon, content: () => <Operations operations={operations} /> };
}

function Operations({ operations }) {
  const [wanted, setWanted] = useState("");
  const active = useGraphiQL(({ tabs, activeTabIndex }) => tabs[activeTabIndex]?.title);
  const { setVisiblePlugin } = useGraphiQLActions();
  const open = useOpen();
  const panel = useRef(null);
  useEffect(() => {
    panel.current.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const shown = operations.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const choose = (operation) => {
    open(operation);
    if (isNarrow()) setVisiblePlugin(null);
  };
  return (
    <section ref={panel} aria-label="Operations" className="bff-operations">
      <div className="graphiql-doc-explorer-title">Operations</div>
      <p>The operations of the apps. Select one to open it in a tab.</p>
      <input
        type="search"
        aria-label="Find an operation"
        placeholder="Find an operation"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      {groupsOf(shown).map(([group, members]) => (
        <div key={group} role="group" aria-label={group}>
          <h3>{group}</h3>
          <ul>
            {members.map((operation) => (
              <li key={operation.name}>
                <button
                  type="button"
                  disabled={!open}
                  aria-current={operation.name === active}
                  title={`${operation.kind} ${operation.name}`}
                  onClick={() => choose(operation)}
                >
                  <span>{operation.name}</span>
                  {operation.kind !== "query" && <small>{operation.kind}</small>}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {shown.length === 0 && <p role="status">No operation has this name.</p>}
    </section>
  );
}

/** Returns pairs of a group and its operations, in the order of the groups. */
function groupsOf(operations) {
  const groups = new Map();
  operations.forEach((operation) => {
    groups.set(operation.group, [...(groups.get(operation.group) ?? []), operation]);
  });
  return [...groups];
}

function OperationsIcon(props) {
  return (
    <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" {...props}>
      <path d="M7.5 4.5h10M7.5 10h10M7.5 15.5h10" />
      <path d="M2.5 3l2.5 1.5L2.5 6zM2.5 8.5L5 10l-2.5 1.5zM2.5 14l2.5 1.5L2.5 17z" fill="currentColor" stroke="none" />
    </svg>
  );
}

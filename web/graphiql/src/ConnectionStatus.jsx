/** Renders that the connection of a subscription is lost, and how the subscription will continue. */
export function ConnectionStatus({ connection: { resumes } }) {
  return (
    <div role="status" className="bff-hint">
      There is no connection to the server. When it is back, the subscription
      {resumes ? " resumes after its last event." : " begins again: it has no cursor, so events until then are missed."}
    </div>
  );
}

import { ChevronDownIcon, DropdownMenu } from "@graphiql/react";
import { useEffect, useState } from "react";

import { keep, secondsLeft, useSession } from "./session.js";
import { signIn } from "./signIn.js";

/** Renders the signed-in user, the remaining time, and a menu to sign in as a demo user. */
export function Account({ people }) {
  const session = useSession();
  const [trouble, setTrouble] = useState(null);
  const become = (person) => signIn(person).then(keep, (error) => setTrouble(error.message));
  return (
    <div className="bff-account">
      {trouble && <span role="alert">{trouble}</span>}
      <DropdownMenu onOpenChange={() => setTrouble(null)}>
        <DropdownMenu.Button className="bff-account-button">
          {session ? <SignedIn session={session} /> : "Sign in"}
          <ChevronDownIcon aria-hidden="true" />
        </DropdownMenu.Button>
        <DropdownMenu.Content align="end">
          {people.map((person) => (
            <DropdownMenu.Item key={person.handle} onSelect={() => become(person)}>
              Sign in as {person.handle}
            </DropdownMenu.Item>
          ))}
          {session && <DropdownMenu.Item onSelect={() => keep(null)}>Sign out</DropdownMenu.Item>}
        </DropdownMenu.Content>
      </DropdownMenu>
    </div>
  );
}

function SignedIn({ session }) {
  const left = useSecondsLeft(session);
  useEffect(() => {
    if (left === 0) keep(null);
  }, [left]);
  return (
    <>
      <span>
        <span className="bff-account-signed-in">Signed in as </span>
        <strong>{session.name}</strong>
      </span>
      <time title="until the access token ends">{clock(left)}</time>
    </>
  );
}

function useSecondsLeft(session) {
  const [left, setLeft] = useState(() => secondsLeft(session));
  useEffect(() => {
    const update = () => setLeft(secondsLeft(session));
    update();
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  }, [session]);
  return left;
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

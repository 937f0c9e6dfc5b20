import { EmptyState } from "~/components/Feedback";

const CODE = `modellab users add ada --role admin
modellab serve --host 0.0.0.0 --port 8000`;

/** Why there are no users or keys on a server that listens to its own machine only. */
export function NoLogin({ what }: { what: "users" | "keys" }) {
  return (
    <EmptyState title="This server has no login" code={CODE}>
      It answers this machine only, so nobody else reaches it and there is no need for {what}. To serve a
      team, add a first user; from then on everyone logs in, in a browser with name and password, programs
      with a key.
    </EmptyState>
  );
}

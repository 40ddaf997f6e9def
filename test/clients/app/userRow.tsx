import { useApolloClient } from "@apollo/client/react";
import { useState } from "react";
import { explain } from "./errors.js";
import { type FragmentType, getFragmentData, graphql } from "./gql/index.js";
import { updateUser } from "./license.js";

/** The data of a row. Only this file can read it: its parents pass it on. */
const UserRowFragment = graphql(`
  fragment UserRow on User {
    accountId
    userId
    displayName
    licenseType
  }
`);

export function UserRow(props: { user: FragmentType<typeof UserRowFragment> }) {
  const user = getFragmentData(UserRowFragment, props.user);
  const client = useApolloClient();
  const [message, setMessage] = useState("");

  async function upgrade() {
    const { accountId, userId } = user;
    try {
      const { errors } = await updateUser(client, { accountId, userId, licenseType: "PRO" });
      setMessage(errors.map((error) => error.message).join(" "));
    } catch (error) {
      setMessage(explain(error));
    }
  }

  return (
    <li>
      {user.displayName ?? user.userId}: {user.licenseType}
      {user.licenseType !== "PRO" && (
        <button type="button" onClick={upgrade}>
          Upgrade
        </button>
      )}
      {message && <p role="alert">{message}</p>}
    </li>
  );
}

import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { NodeResolvers, QueryResolvers } from "../../generated/schema.js";
import { loadAccount } from "./account.js";
import type { Context } from "./shared/context.js";
import { parseGlobalId } from "./shared/globalId.js";
import { globalId, validate } from "./shared/validation.js";
import { readUser } from "./user.js";

const byId = z.object({ id: globalId });
const byIds = z.object({ ids: z.array(globalId) });

export const nodeQueries = {
  node(_parent, args, context, info) {
    validate(byId, args);
    return loadNode(args.id, context, info);
  },
  nodes(_parent, args, context, info) {
    validate(byIds, args);
    return args.ids.map((id) => loadNode(id, context, info));
  },
} satisfies Partial<QueryResolvers>;

export const Node: NodeResolvers = {
  __resolveType: (node) => ("UserId" in node ? "User" : "Account"),
};

async function loadNode(id: string, context: Context, info: GraphQLResolveInfo) {
  const key = parseGlobalId(id);
  if (key?.type === "Account") return loadAccount(key.accountId, context, info);
  return key?.type === "User" ? readUser(key, context, info) : null;
}

import { hash } from "node:crypto";
import { type DocumentNode, print, visit } from "graphql";

const hashes = new WeakMap<DocumentNode, string>();

/**
 * Identifies the text of an operation, also of an anonymous one. Its name and its literals, which may be personal data, do
 * not count, so that requests that differ in nothing else have the same hash.
 */
export function operationHash(document: DocumentNode): string {
  const known = hashes.get(document);
  if (known !== undefined) return known;
  const text = print(
    visit(document, {
      OperationDefinition: (node) => ({ ...node, name: undefined }),
      StringValue: (node) => ({ ...node, value: "", block: false }),
      IntValue: (node) => ({ ...node, value: "0" }),
      FloatValue: (node) => ({ ...node, value: "0" }),
      ListValue: (node) => ({ ...node, values: [] }),
      ObjectValue: (node) => ({ ...node, fields: [] }),
    }),
  );
  const computed = hash("sha256", text).slice(0, 16);
  hashes.set(document, computed);
  return computed;
}

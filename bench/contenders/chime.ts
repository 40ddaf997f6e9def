import { ChimeClient } from "@aws-sdk/client-chime";

/** The SDK as it comes. Region and credentials are the environment's. */
export const chime = new ChimeClient({ endpoint: process.env["CHIME_ENDPOINT"] ?? "" });

const names = new Map<string, string>();

/** The name in GraphQL of one of Chime's enum values: "EnterpriseLWA" is ENTERPRISE_LWA. */
export function nameOf(value: string): string {
  const known = names.get(value);
  if (known !== undefined) return known;
  const name = value.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
  names.set(value, name);
  return name;
}

/** One of Chime's own values by its name in GraphQL. */
export const valuesOf = <Value extends string>(
  values: Readonly<Record<string, Value>>,
): Record<string, Value> => Object.fromEntries(Object.values(values).map((value) => [nameOf(value), value]));

/** Cuts a bulk write into calls. */
export const chunksOf = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );

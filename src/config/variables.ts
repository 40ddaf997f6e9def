import { z } from "zod";

export type Env = Readonly<Record<string, string | undefined>>;

/** An environment variable, as the documentation describes it. */
export interface Variable {
  readonly name: string;
  readonly values: string;
  /** One sentence. */
  readonly meaning: string;
  readonly fallback?: string | undefined;
  /** Documentation of the behavior without the variable, if there is no default value. */
  readonly ifUnset?: string | undefined;
}

const variables = z.registry<Variable>();

/** The values of a variable. The schema's messages complete a sentence that starts with the variable's name. */
interface Kind<Output> {
  readonly values: string;
  readonly schema: z.ZodType<Output, string>;
}

type Group = Readonly<Record<string, z.ZodType>>;

/** @param fallback the default, as the environment would have it, or a description of the behavior without the variable */
export function setting<Output>(
  name: string,
  kind: Kind<Output>,
  meaning: string,
  fallback?: { readonly ifUnset: string },
): z.ZodOptional<Kind<Output>["schema"]>;
export function setting<Output>(
  name: string,
  kind: Kind<Output>,
  meaning: string,
  fallback: string,
): z.ZodPrefault<Kind<Output>["schema"]>;
export function setting(
  name: string,
  { values, schema }: Kind<unknown>,
  meaning: string,
  fallback?: string | { readonly ifUnset: string },
): z.ZodType {
  return typeof fallback === "string"
    ? schema.prefault(fallback).register(variables, { name, values, meaning, fallback })
    : schema.optional().register(variables, { name, values, meaning, ...fallback });
}

export function wholeNumber(min: number, max: number): Kind<number> {
  const isInRange = (text: string) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
  return {
    values: `${min} to ${max}`,
    schema: z
      .string()
      .refine(isInRange, {
        error: ({ input }) => `must be a whole number from ${min} to ${max}, not ${JSON.stringify(input)}`,
      })
      .transform(Number),
  };
}

export const port = wholeNumber(0, 65_535);

export function choice<const Choice extends string>(...choices: readonly Choice[]): Kind<Choice> {
  const values = `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
  return {
    values,
    schema: z.enum(choices, {
      error: ({ input }) => `must be ${values}, not ${JSON.stringify(input)}`,
    }) as unknown as z.ZodType<Choice, string>,
  };
}

export const text = (values: string): Kind<string> => ({ values, schema: z.string() });

/** A string that must pass a test; its message does not repeat it, since it may be secret. */
export const textThat = (values: string, test: (text: string) => boolean): Kind<string> => ({
  values,
  schema: z.string().refine(test, `must be ${values}`),
});

export const minSecretLength = 16;
export const isLongSecret = (secret: string): boolean => secret.length >= minSecretLength;
export const secret = textThat(`a secret of at least ${minSecretLength} characters`, isLongSecret);

export const httpUrl: Kind<string> = {
  values: "an http or https URL",
  schema: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }),
};

/** Items separated by commas. */
export const list = (
  values: string,
  test: (item: string) => boolean,
  max = Number.POSITIVE_INFINITY,
): Kind<string[]> => ({
  values,
  schema: z
    .string()
    .transform((text) => text.split(",").map((item) => item.trim()))
    .refine((items) => items.length <= max && items.every(test), `must be ${values}`),
});

/** A password may contain a comma. A cluster has one database. */
export const redisUrls: Kind<string[]> = {
  values: "a redis or rediss URL such as redis://127.0.0.1:6379/0, or several, separated by commas",
  schema: z
    .string()
    .transform((text) => text.split(/\s*,\s*(?=rediss?:)/))
    .refine((urls) => urls.every(isRedisUrl), {
      error: "must be a redis or rediss URL such as redis://127.0.0.1:6379/0",
      abort: true,
    })
    .refine(
      (urls) => urls.length === 1 || urls.every((url) => /^(\/0?)?$/.test(new URL(url).pathname)),
      "must not name a database if it has several URLs: a cluster has only 0",
    ),
};

const isRedisUrl = (url: string): boolean => URL.canParse(url) && /^rediss?:\/\/[^\s/?#]+(\/\d*)?$/.test(url);

/** The documentation of a group's settings, in their order. */
export const variablesOf = (group: Group): readonly Variable[] =>
  Object.values(group).flatMap((schema) => variables.get(schema) ?? []);

/** A group's values in the environment. An empty or blank variable counts as unset. */
export const inputOf = (group: Group, env: Env): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(group).map(([key, schema]) => [
      key,
      env[variables.get(schema)?.name ?? ""]?.trim() || undefined,
    ]),
  );

/** The problem of a value, in a line that starts with the variable's name. */
export function problemOf(group: Group, key: PropertyKey | undefined, message: string): string {
  const schema = group[String(key)];
  return `${schema && variables.get(schema)?.name} ${message}`;
}

import type { StaticStructureSchema } from "@smithy/types";
import { type CamelName, camelName, enumName } from "../../../chime-api/names.js";
import { memberNames } from "../../../chime-api/operations.js";

/** A resolver for each member of one of Chime's structures, under its name in camelCase. */
export type PlainFields<Structure extends object> = {
  [Member in keyof Structure as CamelName<Member & string>]-?: (source: Structure) => Structure[Member];
};

/** @param schema the SDK's schema of the structure */
export const plainFields = <Structure extends object>(schema: StaticStructureSchema) =>
  Object.fromEntries(
    memberNames(schema).map((member) => [
      camelName(member),
      (source: Structure) => source[member as keyof Structure],
    ]),
  ) as PlainFields<Structure>;

/** The values of one of Chime's enums by their GraphQL names: `ENTERPRISE_LWA` is EnterpriseLWA. */
export const enumValues = <Values extends Readonly<Record<string, string>>>(values: Values) =>
  Object.fromEntries(Object.values(values).map((value) => [enumName(value), value])) as Readonly<
    Record<string, Values[keyof Values]>
  >;

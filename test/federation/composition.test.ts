import { applyTagFilterOnSubgraphs, composeSchemaContract } from "@theguild/federation-composition";
import {
  buildSchema,
  type FieldDefinitionNode,
  isObjectType,
  type ObjectTypeDefinitionNode,
  parse,
  print,
} from "graphql";
import { describe, expect, test } from "vitest";
import { block } from "../support/docs.js";
import { useHarness } from "../support/fixture.js";
import { allComposers, fetchSdl, fieldIn, type Subgraph, typeIn } from "../support/supergraph.js";
import { peopleSdl } from "./people.js";

const harness = useHarness();

const subgraphs = async (): Promise<Subgraph[]> => [
  { name: "chime", url: `${harness.url}/graphql`, sdl: await fetchSdl(harness.url) },
  { name: "people", url: "http://127.0.0.1:4002/graphql", sdl: peopleSdl },
];

const typeOfField = (field: FieldDefinitionNode | undefined) => field && print(field.type);

describe.each(Object.entries(allComposers))("%s", (_name, compose) => {
  test("composes the gateway's schema alone", async () => {
    const [chime] = await subgraphs();
    const { problems, supergraph } = compose(chime ? [chime] : []);

    expect(problems).toEqual([]);
    expect(fieldIn(parse(supergraph), "Query", "accounts")).toBeDefined();
  });

  test("composes it with a subgraph that identifies people by e-mail only", async () => {
    const { problems, supergraph } = compose(await subgraphs());
    const document = parse(supergraph);

    expect(problems).toEqual([]);
    expect(typeOfField(fieldIn(document, "User", "employee"))).toBe("Employee");
    expect(typeOfField(fieldIn(document, "Employee", "chimeUser"))).toBe("User");
  });

  test("includes the scopes that a caller needs, for a router to enforce", async () => {
    const document = parse(compose(await subgraphs()).supergraph);
    const scopes = (place: ObjectTypeDefinitionNode | FieldDefinitionNode | undefined) =>
      place?.directives
        ?.filter(({ name }) => name.value === "requiresScopes")
        .map((directive) => print(directive));
    const field = (type: string, name: string) => scopes(fieldIn(document, type, name));
    const read = ['@requiresScopes(scopes: [["chime:read"]])'];

    // Not on the types: fields that other subgraphs add need no scopes. Routers need the keys.
    expect([typeIn(document, "User"), typeIn(document, "Account")].map(scopes)).toEqual([[], []]);
    expect([field("User", "displayName"), field("Account", "name"), field("User", "account")]).toEqual([
      read,
      read,
      read,
    ]);
    expect([field("User", "userId"), field("User", "primaryEmail"), field("Account", "id")]).toEqual([
      [],
      [],
      [],
    ]);
    expect(field("Query", "accounts")).toEqual(read);
    expect(field("User", "personalPin")).toEqual(['@requiresScopes(scopes: [["chime:read", "chime:pin"]])']);
    expect(field("Mutation", "resetPersonalPin")?.[0]).toContain("chime:write");
    expect(field("Mutation", "resetPersonalPin")?.[0]).toContain("chime:pin");
    expect(field("Employee", "chimeUser")).toEqual([]);
  });

  test("lets fields that other subgraphs add to User and Account need no scopes", async () => {
    const [chime] = await subgraphs();
    const sdl = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type Query { desks: Int }
      type User @key(fields: "accountId userId") { accountId: ID! userId: ID! desk: Desk }
      type Account @key(fields: "id") { id: ID! costCenter: String }
      type Desk { floor: Int }`;
    const { problems, supergraph } = compose(
      chime ? [chime, { name: "desks", url: "http://127.0.0.1:4003", sdl }] : [],
    );
    const document = parse(supergraph);
    const scopesOf = (type: string, ...fields: string[]) =>
      fields.map((name) =>
        print(fieldIn(document, type, name) as FieldDefinitionNode).includes("requiresScopes"),
      );

    expect(problems).toEqual([]);
    expect(scopesOf("User", "desk", "userId", "displayName")).toEqual([false, false, true]);
    expect(scopesOf("Account", "costCenter", "id", "name")).toEqual([false, false, true]);
    for (const name of ["User", "Account"])
      expect(typeIn(document, name)?.directives?.map((directive) => directive.name.value)).not.toContain(
        "requiresScopes",
      );
  });

  test("composes it with the subgraph that docs/federation.md shows", async () => {
    const [chime] = await subgraphs();
    const sdl = block("docs/federation.md", "graphql", "A people directory");

    expect(
      compose(chime ? [chime, { name: "people", url: "http://127.0.0.1:4010", sdl }] : []).problems,
    ).toEqual([]);
  });

  test("composes it with a subgraph that has connections of its own: PageInfo is shared", async () => {
    const [chime] = await subgraphs();
    const sdl = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@shareable"])
      type Query { desks: DeskConnection! }
      type DeskConnection { nodes: [Desk!]! pageInfo: PageInfo! }
      type Desk { name: String! }
      type PageInfo @shareable {
        hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
      }`;

    expect(
      compose(chime ? [chime, { name: "desks", url: "http://127.0.0.1:4003", sdl }] : []).problems,
    ).toEqual([]);
  });
});

describe("a contract variant without fields tagged pii", () => {
  const personal = { include: new Set<string>(), exclude: new Set(["pii"]) };

  test("has no e-mail address, name, phone number, PIN or room, and everything else", async () => {
    const services = (await subgraphs()).map(({ sdl, ...service }) => ({ ...service, typeDefs: parse(sdl) }));
    const { publicSdl, errors } = composeSchemaContract(services, personal, true);
    const schema = buildSchema(String(publicSdl));
    const user = schema.getType("User");

    expect(errors).toBeUndefined();
    expect(publicSdl).not.toMatch(/EmailAddress|[eE]mail(s|List)?:|displayName|username:|Number:|Pin:|Arn:/);
    expect(isObjectType(user) && Object.keys(user.getFields()).toSorted()).toEqual([
      "account",
      "accountId",
      "alexaForBusinessMetadata",
      "employee",
      "id",
      "invitedOn",
      "licenseType",
      "registeredOn",
      "rooms",
      "settings",
      "userId",
      "userInvitationStatus",
      "userRegistrationStatus",
      "userType",
    ]);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).not.toContain("userByEmail");
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).not.toContain("inviteUsers");
  });

  test("composes with Apollo's composer as well", async () => {
    const services = (await subgraphs()).map((subgraph) => ({ ...subgraph, typeDefs: parse(subgraph.sdl) }));
    const filtered = applyTagFilterOnSubgraphs(services, personal);

    expect(
      allComposers["@apollo/composition"](
        filtered.map(({ typeDefs, ...rest }) => ({ ...rest, sdl: print(typeDefs) })),
      ).problems,
    ).toEqual([]);
  });
});

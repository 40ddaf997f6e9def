import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { personOf } from "../../src/chime-local/people.js";

/** A sample of another team's subgraph: it knows people by e-mail, and nothing of Chime but that. */
export const peopleSdl = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag"])

  scalar EmailAddress

  type Query {
    "The employees, all or those of a team."
    employees(team: String): [Employee!]!
  }

  "Someone who works here."
  type Employee @key(fields: "email") {
    "The address at work."
    email: EmailAddress! @tag(name: "pii")
    "Where in the organization."
    team: Team!
    "What it says on the door."
    jobTitle: String!
    "The employee in Chime."
    chimeUser: User
  }

  "Employees who work together."
  type Team {
    "What the team is called."
    name: String!
  }

  type User @key(fields: "primaryEmail") {
    primaryEmail: EmailAddress @tag(name: "pii")
    "The Chime user at work here, null for one who is not an employee."
    employee: Employee
  }
`;

export interface Employee {
  readonly email: string;
  readonly team: { readonly name: string };
  readonly jobTitle: string;
}

const jobTitles = ["Analyst", "Coordinator", "Director", "Engineer", "Planner"];

/**
 * The first people of a seeded account's domain. Chime does not know one in 15 of them, the 10th to begin with: there, the
 * seed has a meeting room.
 */
export const employeesOf = (domain: string, count: number, teams: readonly string[]): Employee[] =>
  Array.from({ length: count }, (_, n) => ({
    email: personOf(n, domain).email,
    team: { name: teams[n % teams.length] ?? "" },
    jobTitle: jobTitles[n % jobTitles.length] ?? "",
  }));

/** A subgraph, served over HTTP on a free port. */
export interface TestSubgraph {
  readonly url: string;
  close(): Promise<void>;
}

/** @param onRequest gets the variables of each request */
export async function startSubgraph(
  sdl: string,
  resolvers: object,
  onRequest: (variables: object) => void = () => {},
): Promise<TestSubgraph> {
  const module: object = { typeDefs: parse(sdl), resolvers };
  const server = new ApolloServer({
    schema: buildSubgraphSchema(module as Parameters<typeof buildSubgraphSchema>[0]),
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      {
        async requestDidStart({ request: { variables } }) {
          onRequest(variables ?? {});
        },
      },
    ],
  });
  const { url } = await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: 0 } });
  return { url: url.replace(/\/$/, ""), close: () => server.stop() };
}

/** The people directory. */
export interface People extends TestSubgraph {
  /** The e-mail addresses of each `_entities` request so far, null where a user has none. */
  readonly asked: (string | null)[][];
}

export async function startPeople(employees: readonly Employee[]): Promise<People> {
  const byEmail = new Map(employees.map((employee) => [employee.email, employee]));
  const asked: (string | null)[][] = [];
  const resolvers = {
    Query: {
      employees: (_parent: unknown, { team }: { team?: string | null }) =>
        employees.filter((employee) => team == null || employee.team.name === team),
    },
    Employee: {
      __resolveReference: ({ email }: { email: string }) => byEmail.get(email),
      chimeUser: ({ email }: Employee) => ({ primaryEmail: email }),
    },
    User: {
      employee: ({ primaryEmail }: { primaryEmail: string | null }) =>
        primaryEmail === null ? null : byEmail.get(primaryEmail),
    },
  };
  const subgraph = await startSubgraph(peopleSdl, resolvers, (variables) => {
    const { representations } = variables as { representations?: { primaryEmail: string | null }[] };
    if (representations) asked.push(representations.map(({ primaryEmail }) => primaryEmail));
  });
  return { ...subgraph, asked };
}

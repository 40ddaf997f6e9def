import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { GraphQLSchema } from "graphql";
import { failedWith } from "../../chime/errors.js";
import type { ChimeUser } from "../../chime/models.js";
import type { FilteredConnection } from "../../chime/reads/filteredPages.js";
import { EndlessListError } from "../../chime/reads/pagination.js";
import { filterKey } from "../../chime/reads/userFilter.js";
import { readFilteredUsers } from "../../chime/reads/userPages.js";
import type { Upstream } from "../../chime/upstream.js";
import { graphqlError } from "../../graphql/errors.js";
import { PublicError } from "../../publicError.js";
import type { Authentication } from "../authentication.js";
import { refuseOtherMethods } from "../guards.js";
import { hasConnection } from "../httpServer.js";
import { checkColumns, createRowReader } from "./columns.js";
import { createArgumentReader, type ExportArguments } from "./exportArguments.js";
import { type FormatName, formats } from "./formats.js";

/** An export that has ended. */
export interface CompletedExport {
  readonly requestId: string;
  /** Of the token; undefined without authentication. */
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  readonly accountId: string;
  readonly format: FormatName;
  readonly columns: readonly string[];
  /** Whether only users that match a filter were exported. */
  readonly isFiltered: boolean;
  /** Rows that were passed on to be sent. */
  readonly rows: number;
  /** OK, CANCELED by the client, or the code of the error that ended it. */
  readonly outcome: string;
}

export interface ExportSettings {
  readonly upstream: Pick<Upstream, "createSession">;
  readonly authentication: Pick<Authentication, "onRequest">;
  readonly schema: GraphQLSchema;
  /** Must not throw. */
  onExport(completed: CompletedExport): void;
}

export interface Exports {
  /** Ends the exports in progress after `drainTime`. */
  drain(): void;
}

/** Milliseconds that exports in progress have at a shutdown. */
export const drainTime = 30_000;
/** Milliseconds that an export may take. */
const timeLimit = 600_000;
/** Each keeps one call to Chime in flight, and a page of rows. */
const maxExports = 2;
/** Milliseconds that a client may pause. */
const pauseLimit = 60_000;
/** Bytes that wait for a slow client, about a page of 200 rows. */
const bufferSize = 64 * 1_024;

class ExportEndedError extends PublicError {
  override readonly name = "ExportEndedError";

  constructor(readonly code: "UPSTREAM_TIMEOUT" | "UPSTREAM_UNAVAILABLE") {
    super(code === "UPSTREAM_TIMEOUT" ? "The export took too long." : "The gateway is shutting down.");
  }
}

/** HTTP statuses of errors before the first row, by their codes. */
const statuses: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  FORBIDDEN: 403,
  THROTTLED: 503,
  UPSTREAM_DENIED: 502,
  UPSTREAM_UNAVAILABLE: 502,
  UPSTREAM_TIMEOUT: 504,
};

/**
 * Adds `GET /export/accounts/{accountId}/users.csv` and `.jsonl`: an account's users as a stream of text, page by page as the
 * client reads. If a page cannot be read, the transfer is cut off: it must not look complete.
 */
export function addUserExport(app: FastifyInstance, settings: ExportSettings): Exports {
  const { upstream, authentication, schema, onExport } = settings;
  const readArguments = createArgumentReader(schema);
  const endings = new Set<(error: Error) => void>();
  let inProgress = 0;

  async function handle(format: FormatName, request: FastifyRequest, reply: FastifyReply) {
    const { caller, raw, lifecycle } = request;
    if (!caller) throw new Error("request.caller is not set");
    const refuse = (status: number, message: string, code: string) =>
      reply.code(status).send(graphqlError(message, code));
    if (!hasConnection(reply.raw))
      return refuse(501, "Exports are not available on AWS Lambda.", "NOT_IMPLEMENTED");
    // There, a response that was cut off looks complete to some proxies.
    if (raw.httpVersion === "1.0") return refuse(505, "Exports need HTTP/1.1.", "BAD_REQUEST");
    if (inProgress >= maxExports) {
      reply.header("retry-after", "10");
      return refuse(503, `${maxExports} exports are in progress. Try again later.`, "OVERLOADED");
    }
    inProgress++;
    try {
      const args = readArguments(format, request);
      checkColumns(args.columns, schema, caller);
      const session = upstream.createSession(caller, { readDeadline: timeLimit });
      lifecycle.session = session;
      if (lifecycle.aborted) session.disconnect();
      const read = (after: string | null | undefined) =>
        readFilteredUsers(session, args.accountId, args, { first: Number.POSITIVE_INFINITY, after }, 1);
      const progress = { rows: 0, outcome: "CANCELED" };
      const text = write(format, args, await read(args.after), read, progress, reply);
      const stream = Readable.from(text, { objectMode: false, highWaterMark: bufferSize });
      const end = (error: Error) => {
        session.disconnect();
        stream.destroy(error);
      };
      const timer = setTimeout(() => end(new ExportEndedError("UPSTREAM_TIMEOUT")), timeLimit).unref();
      endings.add(end);
      inProgress++;
      stream.once("error", (error) => {
        progress.outcome = error instanceof PublicError ? error.code : "INTERNAL_SERVER_ERROR";
        // The log's line has the reason as well.
        lifecycle.payloadCodes.add(progress.outcome);
      });
      stream.once("close", () => {
        clearTimeout(timer);
        endings.delete(end);
        inProgress--;
        const { accountId, columns, filter } = args;
        const isFiltered = filter !== undefined && filterKey(filter).length > 0;
        onExport({
          requestId: request.id,
          subject: caller.subject,
          issuer: caller.issuer,
          accountId,
          format,
          columns,
          isFiltered,
          ...progress,
        });
      });
      // Not awaited: it ends with the transfer.
      return reply
        .type(formats[format].contentType)
        .header("content-disposition", `attachment; filename="users.${format}"`)
        .send(stream);
    } catch (error) {
      if (failedWith(error, "NotFound")) return refuse(404, "The account does not exist.", "NOT_FOUND");
      if (!(error instanceof PublicError)) throw error;
      const { message, code, extensions } = error;
      if (code === "THROTTLED") reply.header("retry-after", String(extensions["retryAfterSeconds"]));
      return reply.code(statuses[code] ?? 500).send({ errors: [{ message, extensions }] });
    } finally {
      inProgress--;
    }
  }

  for (const format of Object.keys(formats) as FormatName[]) {
    const url = `/export/accounts/:accountId/users.${format}`;
    app.get(url, {
      exposeHeadRoute: false,
      onRequest: authentication.onRequest,
      handler: (request, reply) => handle(format, request, reply),
    });
    refuseOtherMethods(app, url, ["GET"]);
  }

  return {
    drain() {
      const endAll = () => {
        for (const end of endings) end(new ExportEndedError("UPSTREAM_UNAVAILABLE"));
      };
      setTimeout(endAll, drainTime).unref();
    },
  };
}

/** The text of an export. The next page is read while the client reads this one. A continued export has no head. */
async function* write(
  format: FormatName,
  { columns, after, bom }: ExportArguments,
  first: FilteredConnection<ChimeUser>,
  read: (after: string) => Promise<FilteredConnection<ChimeUser>>,
  progress: { rows: number; outcome: string },
  { raw }: FastifyReply,
): AsyncGenerator<string> {
  const { head, row } = formats[format];
  const cellsOf = createRowReader(columns);
  const cursors = new Set<string>();
  let page = first;
  let text = after == null ? (bom ? "\ufeff" : "") + head(columns) : "";
  for (;;) {
    const { nodes, cursor, endCursor, hasNextPage } = page;
    if (cursors.has(endCursor)) throw new EndlessListError();
    cursors.add(endCursor);
    const next = hasNextPage ? read(endCursor) : undefined;
    next?.catch(() => undefined);
    for (const [index, user] of nodes.entries())
      text += row(
        columns,
        cellsOf(user, () => cursor(index)),
      );
    progress.rows += nodes.length;
    // It waits for the client here, and for Chime below.
    raw.setTimeout(pauseLimit);
    if (text) yield text;
    raw.setTimeout(0);
    if (!next) break;
    page = await next;
    text = "";
  }
  progress.outcome = "OK";
}

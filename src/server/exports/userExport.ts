import { AsyncLocalStorage } from "node:async_hooks";
import { finished, Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import type { GraphQLSchema } from "graphql";
import { failedWith } from "../../chime/errors.js";
import { filterKey } from "../../chime/reads/userFilter.js";
import { readFilteredUsers } from "../../chime/reads/userPages.js";
import type { ChimeSession } from "../../chime/session.js";
import type { Upstream } from "../../chime/upstream.js";
import { callFacts } from "../../graphql/audit.js";
import { graphqlError } from "../../graphql/errors.js";
import { PublicError } from "../../publicError.js";
import type { AuditLog } from "../../telemetry/auditLog.js";
import { clientName } from "../../telemetry/clientName.js";
import { withoutMessage } from "../../telemetry/logger.js";
import { outcomeOf } from "../../telemetry/requestLifecycle.js";
import { inRequestSpan } from "../../telemetry/tracing.js";
import { rejectOtherMethods } from "../guards.js";
import { hasConnection } from "../httpServer.js";
import { checkColumns } from "./columns.js";
import { createArgumentReader, type ExportArguments } from "./exportArguments.js";
import { CutOffError, statusOf } from "./exportErrors.js";
import { ExportSlotError, ExportSlots } from "./exportSlots.js";
import { writeText } from "./exportText.js";
import { type FormatName, formats } from "./formats.js";

export interface ExportSettings {
  readonly upstream: Pick<Upstream, "createSession">;
  readonly schema: GraphQLSchema;
  /** Of the route: authentication, and the rate limit if there is one. */
  readonly onRequest: onRequestAsyncHookHandler[];
  /** Gets a line before the first row is sent, and one at the end. */
  readonly auditLog: Pick<AuditLog, "write"> | undefined;
  /** Milliseconds that a client may pause. */
  readonly pauseLimit?: number | undefined;
}

export interface Exports {
  /** Ends the exports in progress after `drainTime`. */
  drain(): void;
}

/** Milliseconds that exports in progress have at a shutdown. */
export const drainTime = 30_000;
/** Milliseconds that an export may take. */
const timeLimit = 600_000;
const defaultPauseLimit = 60_000;
/** Bytes that wait for a slow client, about a page of 200 rows. */
const bufferSize = 64 * 1_024;
/** AWS request ids in a line of the audit log. */
const maxIds = 100;
/** Seconds after which a rejected client may try again. */
const retryAfter = "10";

/**
 * Adds `GET /export/accounts/{accountId}/users.csv` and `.jsonl`: an account's users as a stream of text, page by page as the
 * client reads. If a page cannot be read, the transfer is cut off: it must not look complete.
 */
export function addUserExport(app: FastifyInstance, settings: ExportSettings): Exports {
  const { upstream, schema, onRequest, auditLog, pauseLimit = defaultPauseLimit } = settings;
  const readArguments = createArgumentReader(schema);
  const slots = new ExportSlots();
  const endings = new Set<(code: string) => void>();

  async function handle(format: FormatName, request: FastifyRequest, reply: FastifyReply) {
    const { caller, raw, lifecycle } = request;
    if (!caller) throw new Error("request.caller is not set");
    const reject = (status: number, message: string, code: string) =>
      reply.code(status).send(graphqlError(message, code));
    if (!hasConnection(reply.raw))
      return reject(501, "Exports are not available on AWS Lambda.", "NOT_IMPLEMENTED");
    // To an HTTP/1.0 client, a response that was cut off looks complete.
    if (raw.httpVersion === "1.0") return reject(505, "Exports need HTTP/1.1.", "BAD_REQUEST");
    let freeSlot: (() => void) | undefined;
    try {
      freeSlot = slots.take(caller);
      const args = readArguments(format, request);
      checkColumns(args.columns, schema, caller);
      const session = upstream.createSession(caller);
      lifecycle.session = session;
      if (lifecycle.aborted) session.disconnect();
      const stream = await open(format, args, session, request, reply, freeSlot);
      freeSlot = undefined;
      // Settles when the transfer has ended.
      return reply
        .type(formats[format].contentType)
        .header("content-disposition", `attachment; filename="users.${format}"`)
        .send(stream);
    } catch (error) {
      if (failedWith(error, "NotFound")) return reject(404, "The account does not exist.", "NOT_FOUND");
      if (!(error instanceof PublicError)) throw error;
      const { message, code, extensions } = error;
      if (error instanceof ExportSlotError) reply.header("retry-after", retryAfter);
      const seconds = extensions["retryAfterSeconds"];
      if (seconds !== undefined) reply.header("retry-after", String(seconds));
      return reply.code(statusOf(code)).send({ errors: [{ message, extensions }] });
    } finally {
      freeSlot?.();
    }
  }

  /** Reads the first page. @param onEnd called when the transfer has ended */
  async function open(
    format: FormatName,
    args: ExportArguments,
    session: ChimeSession,
    request: FastifyRequest,
    reply: FastifyReply,
    onEnd: () => void,
  ): Promise<Readable> {
    const { lifecycle, log } = request;
    const { raw } = reply;
    // Later pages are read when the socket is drained: their calls belong to this request's span as well.
    const inContext = AsyncLocalStorage.snapshot();
    const readPage = (after: string | null | undefined) =>
      inContext(() =>
        readFilteredUsers(session, args.accountId, args, { first: Number.POSITIVE_INFINITY, after }, 1),
      );
    // Within the deadline of a query: until it is read, the client gets nothing, and the slot is taken.
    const first = await readPage(args.after);
    session.extendReads(timeLimit);
    const audit = await beginAudit(format, args, session, request);
    const progress = { rows: 0 };
    let pause: NodeJS.Timeout | undefined;
    const steps = {
      readPage,
      // Node's timeout of a socket begins again while bytes are queued.
      onPause() {
        pause = setTimeout(() => raw.destroy(), pauseLimit).unref();
      },
      onResume: () => clearTimeout(pause),
    };

    function noteCutOff(code: string): void {
      if (!lifecycle.aborted) lifecycle.cutOff ??= { status: statusOf(code), code };
    }

    async function* text(): AsyncGenerator<string> {
      raw.setTimeout(0);
      try {
        yield* writeText(formats[format], args, first, steps, progress);
      } catch (error) {
        const isPublic = error instanceof PublicError;
        if (!isPublic) log.error(withoutMessage(error), "unexpected error");
        noteCutOff(isPublic ? error.code : "INTERNAL_SERVER_ERROR");
        throw new CutOffError();
      }
    }

    const stream = Readable.from(text(), { objectMode: false, highWaterMark: bufferSize });
    const end = (code: string) => {
      noteCutOff(code);
      session.disconnect();
      stream.destroy(new CutOffError());
    };
    const timer = setTimeout(() => end("UPSTREAM_TIMEOUT"), timeLimit).unref();
    endings.add(end);
    finished(raw, () => {
      clearTimeout(timer);
      clearTimeout(pause);
      endings.delete(end);
      onEnd();
      const [code = "OK"] = outcomeOf(lifecycle, reply.statusCode).codes;
      void audit({ rows: progress.rows, outcome: code });
    });
    return stream;
  }

  /** Writes the audit log's line of an export that begins. @returns writes that of its end */
  async function beginAudit(
    format: FormatName,
    { accountId, columns, filter }: ExportArguments,
    session: ChimeSession,
    { id, caller, headers }: FastifyRequest,
  ): Promise<(end: object) => Promise<unknown>> {
    const entry = {
      requestId: id,
      subject: caller?.subject,
      issuer: caller?.issuer,
      client: clientName(headers),
      field: "export",
      accountId,
      format,
      columns,
      isFiltered: filter !== undefined && filterKey(filter).length > 0,
    };
    await auditLog?.write({ event: "read", ...entry });
    return async (end) => {
      const { calls, awsRequestIds } = callFacts(session.log);
      const ids = awsRequestIds.slice(0, maxIds);
      return auditLog?.write({ event: "outcome", ...entry, ...end, calls, awsRequestIds: ids });
    };
  }

  for (const format of Object.keys(formats) as FormatName[]) {
    const url = `/export/accounts/:accountId/users.${format}`;
    app.get(url, {
      exposeHeadRoute: false,
      onRequest,
      handler: inRequestSpan((request, reply) => handle(format, request, reply)),
    });
    rejectOtherMethods(app, url, ["GET"]);
  }

  return {
    drain() {
      const endAll = () => {
        for (const end of endings) end("UPSTREAM_UNAVAILABLE");
      };
      setTimeout(endAll, drainTime).unref();
    },
  };
}

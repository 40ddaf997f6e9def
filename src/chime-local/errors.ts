import {
  BadRequestException,
  ChimeServiceException,
  ConflictException,
  ErrorCode,
  ForbiddenException,
  NotFoundException,
  ResourceLimitExceededException,
  ServiceFailureException,
  ServiceUnavailableException,
  ThrottledClientException,
  UnprocessableEntityException,
} from "@aws-sdk/client-chime";

interface ErrorFields {
  Code: ErrorCode;
  Message: string;
  message: string;
  $metadata: Record<never, never>;
}

/** One of Chime's modelled errors; its message is its Message. */
export type ChimeError = ChimeServiceException & { Code?: ErrorCode | undefined };

type ErrorClass = new (fields: ErrorFields) => ChimeError;

export function isChimeError(error: unknown): error is ChimeError {
  return error instanceof ChimeServiceException && "Code" in error;
}

/** Uses the SDK's own exception classes, so that client and server share their error types. */
const factory =
  (Class: ErrorClass, code: ErrorCode) =>
  (Message: string, Code = code): ChimeError =>
    new Class({ Code, Message, message: Message, $metadata: {} });

/** Its Code may be more specific than the class. */
export const badRequest = factory(BadRequestException, ErrorCode.BadRequest);
export const conflict = factory(ConflictException, ErrorCode.Conflict);
export const forbidden = factory(ForbiddenException, ErrorCode.Forbidden);
export const notFound = factory(NotFoundException, ErrorCode.NotFound);
export const resourceLimit = factory(ResourceLimitExceededException, ErrorCode.ResourceLimitExceeded);
export const serviceFailure = factory(ServiceFailureException, ErrorCode.ServiceFailure);
export const serviceUnavailable = factory(ServiceUnavailableException, ErrorCode.ServiceUnavailable);
export const unprocessable = factory(UnprocessableEntityException, ErrorCode.Unprocessable);
export const throttled = factory(ThrottledClientException, ErrorCode.Throttled);

interface ItemError {
  readonly ErrorCode: ErrorCode | undefined;
  readonly ErrorMessage: string;
}

/**
 * Does the work for one item of a batch.
 * @param item the member that identifies it in a list of errors
 * @returns its error, if there is one
 */
export function collectError<Item extends object>(item: Item, work: () => void): (Item & ItemError)[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!isChimeError(error)) throw error;
    return [{ ...item, ErrorCode: error.Code, ErrorMessage: error.message }];
  }
}

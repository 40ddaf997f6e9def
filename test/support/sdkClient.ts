import * as sdk from "@aws-sdk/client-chime";
import { type HttpRequest, HttpResponse } from "@smithy/core/protocols";

type Handle = (request: HttpRequest) => Promise<{ response: HttpResponse }>;

/** An SDK client with our own request handler, as src/chime/client/clients.ts creates it. */
export const createClient = (handle: Handle, config: sdk.ChimeClientConfig = {}) =>
  new sdk.ChimeClient({
    region: "us-east-1",
    endpoint: "http://chime.test:4001",
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    requestHandler: {
      metadata: { handlerProtocol: "http/1.1" },
      handle,
      destroy() {},
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    },
    cacheMiddleware: true,
    ...config,
  });

export const answer = (statusCode: number, body: object, headers: Record<string, string> = {}) => ({
  response: new HttpResponse({ statusCode, headers, body: Buffer.from(JSON.stringify(body)) }),
});
const group = { GroupName: "desk" };
export const found = () => answer(200, { Account: { AccountId: "a", SigninDelegateGroups: [group] } });
export const getAccount = () => new sdk.GetAccountCommand({ AccountId: "a" });

/**
 * What AWS gives a function for an HTTP request, in the shapes of its documentation ("Working with AWS Lambda proxy
 * integrations for HTTP APIs", "Input format of a Lambda function for proxy integration", "Invoking Lambda function URLs", "Lambda functions as targets").
 */
export interface Asked {
  readonly method?: "GET" | "POST" | "PUT";
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** The URL's query as a client wrote it, where that is not UTF-8; a REST API does not pass it on. */
  readonly rawQuery?: string;
  readonly cookies?: readonly string[];
  readonly body?: string | Buffer;
  /** Whether AWS took the body for binary. */
  readonly binary?: boolean;
}

const json = { "content-type": "application/json", "user-agent": "curl/8.5.0" };

/** Payload format 2.0: names of headers are in lower case, values of the same name are joined by commas. */
function formatTwo(asked: Asked, domainName: string) {
  const { method = "POST", path = "/graphql", headers, query, cookies, body, binary = false } = asked;
  const { rawQuery = new URLSearchParams(query).toString() } = asked;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: rawQuery,
    ...(cookies && { cookies }),
    headers: {
      ...json,
      host: domainName,
      "x-amzn-trace-id": "Root=1-5f84c7a9-1d5a4b3c2e1f0a9b8c7d6e5f",
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      ...headers,
    },
    ...(rawQuery && { queryStringParameters: Object.fromEntries(new URLSearchParams(rawQuery)) }),
    requestContext: {
      accountId: "123456789012",
      apiId: "api-id",
      domainName,
      domainPrefix: domainName.split(".")[0],
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "curl/8.5.0" },
      requestId: "JKJaXmPLvHcESHA=",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2026:19:03:58 +0000",
      timeEpoch: 1_773_342_238_000,
    },
    ...(body !== undefined && { body: binary ? Buffer.from(body).toString("base64") : String(body) }),
    isBase64Encoded: binary,
  };
}

const httpApi = (asked: Asked) => formatTwo(asked, "api-id.execute-api.us-east-1.amazonaws.com");
const functionUrl = (asked: Asked) => formatTwo(asked, "url-id.lambda-url.us-east-1.on.aws");

/** Payload format 1.0: names of headers as the client wrote them, everything a second time as lists. */
function restApi(asked: Asked) {
  const { method = "POST", path = "/graphql", query, cookies, body, binary = false } = asked;
  const headers: Record<string, string> = {
    "Content-Type": json["content-type"],
    "User-Agent": json["user-agent"],
    Host: "api-id.execute-api.us-east-1.amazonaws.com",
    "X-Amzn-Trace-Id": "Root=1-5f84c7a9-1d5a4b3c2e1f0a9b8c7d6e5f",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
    ...(cookies && { Cookie: cookies.join("; ") }),
    ...asked.headers,
  };
  const inLists = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
  return {
    resource: "/{proxy+}",
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: inLists(headers),
    queryStringParameters: query ?? null,
    multiValueQueryStringParameters: query ? inLists(query) : null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      resourceId: "123456",
      resourcePath: "/{proxy+}",
      httpMethod: method,
      extendedRequestId: "JKJaXmPLvHcESHA=",
      requestTime: "12/Mar/2026:19:03:58 +0000",
      path: `/prod${path}`,
      accountId: "123456789012",
      protocol: "HTTP/1.1",
      stage: "prod",
      domainPrefix: "api-id",
      requestTimeEpoch: 1_773_342_238_000,
      requestId: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
      identity: { sourceIp: "203.0.113.7", userAgent: "curl/8.5.0" },
      domainName: "api-id.execute-api.us-east-1.amazonaws.com",
      apiId: "api-id",
    },
    body: body === undefined ? null : binary ? Buffer.from(body).toString("base64") : String(body),
    isBase64Encoded: binary,
  };
}

/** A load balancer: names of headers are in lower case, and the query is as a client wrote it. */
function loadBalancer(asked: Asked) {
  const { method = "POST", path = "/graphql", headers, query, cookies, body, binary = false } = asked;
  const { rawQuery = new URLSearchParams(query).toString() } = asked;
  const lowerCase = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    requestContext: {
      elb: {
        targetGroupArn:
          "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/chime/49e9d65c45c6791a",
      },
    },
    httpMethod: method,
    path,
    queryStringParameters: Object.fromEntries(
      rawQuery.split("&").flatMap((pair) => (pair ? [pair.split("=") as [string, string]] : [])),
    ),
    headers: {
      ...json,
      host: "chime-846800462.us-east-1.elb.amazonaws.com",
      "x-amzn-trace-id": "Root=1-5f84c7a9-1d5a4b3c2e1f0a9b8c7d6e5f",
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      ...(cookies && { cookie: cookies.join("; ") }),
      ...(Object.fromEntries(lowerCase) as Record<string, string>),
    },
    body: body === undefined ? "" : binary ? Buffer.from(body).toString("base64") : String(body),
    isBase64Encoded: binary,
  };
}

/** The same with the target group's attribute for lists. */
export function multiValueLoadBalancer(asked: Asked) {
  const { headers, queryStringParameters, ...event } = loadBalancer(asked);
  const inLists = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
  return {
    ...event,
    multiValueHeaders: inLists(headers),
    multiValueQueryStringParameters: inLists(queryStringParameters),
  };
}

export const events = {
  "a function URL": functionUrl,
  "an HTTP API": httpApi,
  "a REST API": restApi,
  "a load balancer": loadBalancer,
} as const;

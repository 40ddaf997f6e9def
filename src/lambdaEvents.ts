type Values = Readonly<Record<string, string | undefined>>;
type Lists = Readonly<Record<string, readonly string[] | undefined>>;

/** An HTTP request as AWS passes it to a function. Which members it has depends on what the function is behind. */
export interface HttpEvent {
  /** In the events of an HTTP API and a function URL. */
  readonly rawPath?: string;
  readonly rawQueryString?: string;
  /** In the events of a REST API and a load balancer. */
  readonly path?: string;
  /** The route of a REST API, such as `/{proxy+}`. */
  readonly resource?: string;
  /** The route of an HTTP API, such as `ANY /{proxy+}`, or `$default`. */
  readonly routeKey?: string;
  readonly pathParameters?: Values | null;
  readonly headers?: Values | null;
  readonly multiValueHeaders?: Lists | null;
  readonly queryStringParameters?: Values | null;
  readonly multiValueQueryStringParameters?: Lists | null;
  readonly requestContext?: { readonly stage?: string; readonly elb?: object };
}

interface HttpResponse {
  readonly headers: Readonly<Record<string, string>>;
}

/** Makes an event of any kind one that the adapter reads correctly. */
export function requestOf(event: HttpEvent): object {
  if (event.requestContext?.elb) return fromLoadBalancer(event);
  return event.rawPath === undefined ? fromRestApi(event) : fromHttpApi(event);
}

/** It gets no compressed response: it would send it as base64 unless it is configured for binary types. */
const fromRestApi = (event: HttpEvent): object => ({
  ...event,
  path: withoutBase(event.path, event.resource, event),
  headers: { ...event.headers, "x-no-compression": "1" },
});

/** The path of a custom domain begins with the API's base path there; the route, with its parameters, is the rest. */
function withoutBase(path = "/", route = "", { pathParameters }: HttpEvent): string {
  const rest = route.replace(/\{([^}+]+)\+?\}/g, (_, name: string) => pathParameters?.[name] ?? "\n");
  return rest.startsWith("/") && path.endsWith(rest) ? rest : path;
}

/** A load balancer with multi-value headers accepts no others in the response. */
export function responseTo<Response extends HttpResponse>(
  { requestContext, multiValueHeaders }: HttpEvent,
  response: Response,
): object {
  if (!requestContext?.elb || !multiValueHeaders) return response;
  const { headers, ...others } = response;
  const lists = Object.entries(headers).map(([name, value]) => [name, [value]]);
  return { ...others, multiValueHeaders: Object.fromEntries(lists) };
}

/** The path of a named stage begins with its name. The decoded query would have U+FFFD in place of bytes that are not UTF-8. */
function fromHttpApi({ rawPath = "", rawQueryString, requestContext, ...event }: HttpEvent): object {
  const stage = `/${requestContext?.stage}/`;
  const staged = rawPath.startsWith(stage) ? rawPath.slice(stage.length - 1) : rawPath;
  const path = withoutBase(staged, event.routeKey?.replace(/^\S+ /, ""), event);
  return rawQueryString
    ? { ...event, requestContext, rawPath: `${path}?${rawQueryString}`, queryStringParameters: undefined }
    : { ...event, requestContext, rawPath: path };
}

/** A load balancer that preserves the client's port adds it to the address: `203.0.113.7:4711`, `[2001:db8::7]:4711`. */
const withoutPort = (address: string): string =>
  address.replace(/^([\d.]+):\d+$/, "$1").replace(/^\[(.*)\](?::\d+)?$/, "$1");

/** A load balancer passes the query as it was sent. It adds the client's address to the end of `x-forwarded-for`. */
function fromLoadBalancer({ path = "/", multiValueHeaders, ...event }: HttpEvent): object {
  const { queryStringParameters, multiValueQueryStringParameters, ...others } = event;
  const query = Object.entries(multiValueQueryStringParameters ?? queryStringParameters ?? {})
    .flatMap(([name, values]) => [values ?? []].flat().map((value) => `${name}=${value}`))
    .join("&");
  const headers =
    event.headers ??
    Object.fromEntries(
      Object.entries(multiValueHeaders ?? {}).map(([name, values = []]) => [name, values.join(", ")]),
    );
  const address = headers["x-forwarded-for"]?.split(",").at(-1)?.trim();
  const sourceIp = address && withoutPort(address);
  return {
    ...others,
    headers,
    path: query ? `${path}?${query}` : path,
    requestContext: { ...event.requestContext, identity: { sourceIp } },
  };
}

const urlPattern = /http:\/\/[\d.]+:\d+/g;

/**
 * The URLs in what a program has printed so far, its own first. A program prints them once it listens: in a banner, or in
 * a log line such as `{"msg":"started","url":"http://127.0.0.1:4000"}`. Other log lines may name another server. A line
 * without its end may hold half a port.
 */
export function urlsIn(output: string): string[] {
  const lines = output.slice(0, output.lastIndexOf("\n") + 1).split("\n");
  return [...new Set(lines.flatMap(urlsInLine))];
}

/** Whether a program has printed all its URLs. A banner has several lines; one log line has them all. */
export const hasStarted = (output: string): boolean =>
  output.includes("Ctrl-C stops.\n") ||
  output.split("\n").some((line) => isStartedLine(line) && urlsInLine(line).length > 0);

function urlsInLine(line: string): string[] {
  if (isStartedLine(line)) {
    const { url, ...others } = JSON.parse(line);
    return [...(String(url).match(urlPattern) ?? []), ...(JSON.stringify(others).match(urlPattern) ?? [])];
  }
  // The banner's hints, such as commands to try, are indented.
  return /^[^\s{]/.test(line) ? (line.match(urlPattern) ?? []) : [];
}

function isStartedLine(line: string): boolean {
  if (!line.startsWith("{")) return false;
  try {
    return /^(started|listening)\b/i.test(JSON.parse(line).msg);
  } catch {
    return false;
  }
}

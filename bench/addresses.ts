const url = /http:\/\/[\d.]+:\d+/g;

/**
 * The addresses in what a program has printed so far, its own first. A program prints them once it listens: in a banner,
 * or in the log's line `{"msg":"started","url":"http://127.0.0.1:4000"}`. Other lines of the log are left out, since they
 * may name another server. So is a line without its end, which may hold half a port.
 */
export function addressesIn(output: string): string[] {
  const lines = output.slice(0, output.lastIndexOf("\n") + 1).split("\n");
  return [...new Set(lines.flatMap(addressesInLine))];
}

/** Whether a program has printed all of its addresses. A banner has several lines, the log's line has them all. */
export const hasStarted = (output: string): boolean =>
  output.includes("Ctrl-C stops.\n") ||
  output.split("\n").some((line) => isStartedLine(line) && addressesInLine(line).length > 0);

function addressesInLine(line: string): string[] {
  if (isStartedLine(line)) {
    const { url: own, ...others } = JSON.parse(line);
    return [...(String(own).match(url) ?? []), ...(JSON.stringify(others).match(url) ?? [])];
  }
  // A banner's hints, such as commands to try, are indented.
  return /^[^\s{]/.test(line) ? (line.match(url) ?? []) : [];
}

function isStartedLine(line: string): boolean {
  if (!line.startsWith("{")) return false;
  try {
    return JSON.parse(line).msg === "started";
  } catch {
    return false;
  }
}

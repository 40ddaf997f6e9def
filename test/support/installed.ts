import { execFileSync } from "node:child_process";

/** Whether this machine has a program. @param argument makes it print its version */
export function isInstalled(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
